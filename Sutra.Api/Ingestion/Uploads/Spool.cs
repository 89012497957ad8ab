using Microsoft.Extensions.Options;
using Sutra.Api.Auditing;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Api.Ingestion.Uploads;

/// <summary>
/// The folder that uploads lie in until their job needs them no more. Files are the owner's only. Whoever writes one holds it locked until its job is
/// on record: what is not locked and belongs to no job was left behind, and is removed.
/// </summary>
internal sealed class Spool
{
    private const string Extension = ".upload";

    public Spool(IOptions<IngestionOptions> options, IOptions<AuditOptions> audit)
    {
        Folder = Path.GetFullPath(options.Value.SpoolPath
            ?? (string.IsNullOrWhiteSpace(audit.Value.FilePath)
                ? Path.Combine(Path.GetTempPath(), "sutra-ingest")
                : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(audit.Value.FilePath))!, "ingest")));
        IsTemporary = options.Value.SpoolPath is null && string.IsNullOrWhiteSpace(audit.Value.FilePath);
    }

    public string Folder { get; }

    /// <summary>Nobody said where uploads are to be kept.</summary>
    public bool IsTemporary { get; }

    public string JournalPath => Path.Combine(Folder, "jobs.journal");

    /// <summary>Says which folder it is: two instances that see the same one share its uploads. Set by <see cref="Open"/>.</summary>
    public string Id { get; private set; } = "";

    /// <exception cref="StartupException">The folder cannot be used.</exception>
    public void Open()
    {
        try
        {
            PrivateFiles.CreateFolder(Folder);
            Id = ReadOrMakeId();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The folder of uploads cannot be used (Ingestion:SpoolPath): {e.Message}", e);
        }
    }

    /// <summary>Locked for whoever creates it until it is closed.</summary>
    public FileStream Create(string jobId) => PrivateFiles.Open(PathOf(jobId), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);

    /// <exception cref="FileNotFoundException">It is gone.</exception>
    public FileStream Read(string jobId) =>
        PrivateFiles.Open(PathOf(jobId), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.Asynchronous | FileOptions.RandomAccess);

    public void Remove(string jobId) => File.Delete(PathOf(jobId));

    /// <summary>The ids of the uploads that are there.</summary>
    public IEnumerable<string> Ids() => Directory.EnumerateFiles(Folder, $"*{Extension}").Select(path => Path.GetFileNameWithoutExtension(path));

    /// <summary>Removes what nobody is writing and what <paramref name="isKnown"/> knows no job of.</summary>
    /// <returns>How many.</returns>
    public async Task<int> RemoveLeftBehindAsync(Func<string, Task<bool>> isKnown)
    {
        var removed = 0;
        foreach (var id in Ids().ToList())
        {
            if (await isKnown(id))
            {
                continue;
            }

            try
            {
                // A writer lets go after its job is on record: with the lock in hand, what is not on record never will be.
                await using (PrivateFiles.Open(PathOf(id), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    if (!await isKnown(id))
                    {
                        Remove(id);
                        removed++;
                    }
                }
            }
            catch (IOException)
            {
                // It is being written, or was removed just now.
            }
        }

        return removed;
    }

    private string PathOf(string jobId) => Path.Combine(Folder, jobId + Extension);

    private string ReadOrMakeId()
    {
        var path = Path.Combine(Folder, "spool.id");
        if (!File.Exists(path))
        {
            // Whoever is first wins: it appears whole or not at all.
            var mine = $"{path}.{Guid.NewGuid():N}";
            using (var file = PrivateFiles.Open(mine, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N")));
                file.Flush(flushToDisk: true);
            }

            try
            {
                File.Move(mine, path, overwrite: false);
                FolderFlush.Flush(Folder);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(mine);
            }
        }

        var id = File.ReadAllText(path).Trim();
        return id.Length == 32 && id.All(char.IsAsciiHexDigit) ? id : throw new IOException($"{path} does not hold an id; remove it if no jobs are open.");
    }
}
