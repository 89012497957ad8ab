using System.Security.Cryptography;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Store;

/// <summary>
/// Models on disk: <c>&lt;root&gt;/&lt;name&gt;/&lt;revision&gt;-&lt;precision&gt;/</c> with the model's files and a manifest. Several
/// processes may share a root. A folder appears there in one rename, when every byte was checked, and never changes after that.
/// </summary>
public sealed class ModelStore
{
    private const string LastUsedFile = "last-used";

    /// <summary>What is left of a pull that nobody went on with is kept this long.</summary>
    private static readonly TimeSpan PartialLifetime = TimeSpan.FromDays(7);

    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true };

    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;

    /// <param name="root">Made when the first model comes.</param>
    public ModelStore(string root, TimeProvider time)
    {
        Root = Path.GetFullPath(root);
        _time = time;
    }

    public string Root { get; }

    private string Trash => Path.Combine(Root, ".trash");

    private string Partials => Path.Combine(Root, ".partial");

    /// <summary><c>/app/models</c> in a container, else <c>.sutra/models</c> below the current folder.</summary>
    public static string DefaultRoot() =>
        Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1" ? "/app/models" : Path.Combine(".sutra", "models");

    /// <summary>What is there, by name; of one name the last pulled first.</summary>
    public IReadOnlyList<StoredModel> List() =>
    [
        .. Folders().Select(Read).OfType<StoredModel>()
            .OrderBy(model => model.Name, StringComparer.OrdinalIgnoreCase)
            .ThenByDescending(model => model.PulledAt)
            .ThenBy(model => model.Precision),
    ];

    /// <summary>Folders that look like a model and are none: their manifest or a file is missing or of another size.</summary>
    public IReadOnlyList<string> Broken() => [.. Folders().Where(folder => Read(folder) is null)];

    /// <summary>The model that <paramref name="name"/> means: id or repository, with or without <c>@</c> and the beginning of a revision; the last pulled one.</summary>
    public StoredModel? Find(string name, ModelPrecision? precision = null) => FindAll(name, precision) is [var first, ..] ? first : null;

    /// <summary>All that <paramref name="name"/> may mean, the last pulled first.</summary>
    public IReadOnlyList<StoredModel> FindAll(string name, ModelPrecision? precision = null) =>
        !ModelReference.TryParse(name, out var reference)
            ? []
            :
            [
                .. List()
                    .Where(model => Same(model.Name, reference.Name) || Same(model.Repository, reference.Name))
                    .Where(model => reference.Revision is null || (reference.Revision.Length >= 4 && model.Revision.StartsWith(reference.Revision, StringComparison.OrdinalIgnoreCase)))
                    .Where(model => precision is null || model.Precision == precision)
                    .OrderByDescending(model => model.PulledAt),
            ];

    /// <summary>Notes that the model is used now. A store that cannot be written notes nothing.</summary>
    public void Touch(StoredModel model)
    {
        var stamp = Path.Combine(model.Path, LastUsedFile);
        var now = _time.GetUtcNow();
        try
        {
            if (!File.Exists(stamp))
            {
                File.WriteAllBytes(stamp, []);
            }
            else if ((now.UtcDateTime - File.GetLastWriteTimeUtc(stamp)).Duration() < TouchEvery)
            {
                return;
            }

            File.SetLastWriteTimeUtc(stamp, now.UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A volume mounted read-only: whoever can write it decides what stays.
        }
    }

    /// <summary>Keeps the model from being removed, by this process or another, until it is disposed; null when the model is gone.</summary>
    public IDisposable? Lease(StoredModel model)
    {
        IDisposable? held;
        try
        {
            held = StoreLock.TryShared(LeasePath(model));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No lock can be had where nothing can be written, and nothing can be removed there either.
            return Directory.Exists(model.Path) ? Stream.Null : null;
        }

        if (held is not null && !File.Exists(Path.Combine(model.Path, StoreManifest.FileName)))
        {
            held.Dispose();
            held = null;
        }

        return held;
    }

    /// <summary>Reads every byte again; says what is wrong, one line each; nothing when all is well.</summary>
    /// <param name="progress">Gets the bytes that were read so far.</param>
    public Task<IReadOnlyList<string>> VerifyAsync(StoredModel model, IProgress<long>? progress, CancellationToken cancellation) =>
        VerifyAsync(model.Path, model.Files, progress, cancellation);

    /// <summary>Before a model is loaded: where a manifest says what the files in <paramref name="folder"/> must be, they must be that.</summary>
    /// <exception cref="ModelException">They are not; names each that is not.</exception>
    internal static async Task CheckAsync(string folder)
    {
        if (StoreManifest.Read(folder) is { } manifest && await VerifyAsync(folder, manifest.Files, null, CancellationToken.None) is { Count: > 0 } problems)
        {
            throw new ModelException($"The model in '{folder}' is damaged and must be pulled again: {string.Join("; ", problems)}.");
        }
    }

    private static async Task<IReadOnlyList<string>> VerifyAsync(
        string folder, IReadOnlyList<StoredFile> files, IProgress<long>? progress, CancellationToken cancellation)
    {
        var problems = new List<string>();
        var done = 0L;
        var buffer = new byte[1 << 17];
        foreach (var file in files)
        {
            var path = Path.Combine(folder, file.Path);
            if (new FileInfo(path).LinkTarget is not null)
            {
                problems.Add($"{file.Path}: is a link");
                continue;
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var length = 0L;
            try
            {
                await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
                for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0;)
                {
                    hash.AppendData(buffer, 0, read);
                    length += read;
                    progress?.Report(done += read);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problems.Add($"{file.Path}: {(e is FileNotFoundException or DirectoryNotFoundException ? "is missing" : e.Message)}");
                continue;
            }

            if (length != file.Size || Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
            {
                problems.Add($"{file.Path}: is not what was pulled");
            }
        }

        return problems;
    }

    /// <summary>False, and nothing done, while a process holds a lease of it.</summary>
    public bool Remove(StoredModel model) => Remove(model.Path, LeasePath(model));

    /// <summary>Removes a folder that <see cref="Broken"/> names.</summary>
    public bool RemoveBroken(string folder) =>
        Folders().Contains(folder) && Read(folder) is null && Remove(folder, LeasePath(folder));

    /// <summary>Removes models that nothing used for <paramref name="unused"/>, and what pulls left behind that nobody went on with.</summary>
    /// <param name="unused">Zero: no model is removed.</param>
    /// <param name="keep">Models that stay whatever their age, such as the configured one. Models in use stay, too.</param>
    /// <returns>What was removed.</returns>
    public IReadOnlyList<StoredModel> Sweep(TimeSpan unused, Func<StoredModel, bool> keep)
    {
        var now = _time.GetUtcNow();
        if (Directory.Exists(Partials))
        {
            foreach (var partial in Directory.EnumerateDirectories(Partials).Where(partial => now.UtcDateTime - Newest(partial) > PartialLifetime))
            {
                using var pull = StoreLock.TryExclusive(PullLockPath(Path.GetFileName(partial)));
                if (pull is not null)
                {
                    Directory.Delete(partial, recursive: true);
                }
            }
        }

        EmptyTrash();
        return unused <= TimeSpan.Zero ? [] : [.. List().Where(model => now - model.LastUsed > unused && !keep(model) && Remove(model))];
    }

    internal static string FolderName(string name) => name.Replace("/", "--", StringComparison.Ordinal);

    internal string ModelPath(string name, string revision, ModelPrecision precision) =>
        Path.Combine(Root, FolderName(name), $"{revision[..12]}-{precision.ToName()}");

    internal string PartialName(string name, string revision, ModelPrecision precision) => $"{FolderName(name)}--{revision[..12]}-{precision.ToName()}";

    internal string PartialPath(string partialName) => Path.Combine(Partials, partialName);

    internal string PullLockPath(string partialName) => Path.Combine(Root, ".locks", partialName + ".pull");

    /// <summary>Makes a checked folder a model, in one rename.</summary>
    internal StoredModel Publish(string staged, StoreManifest manifest, ModelPrecision precision)
    {
        var target = ModelPath(manifest.Name, manifest.Revision, precision);
        var parent = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(parent);
        if (Directory.Exists(target) && !Remove(target, LeasePath(target)))
        {
            throw new ModelStoreException($"{manifest.Name}: what is there of this revision is damaged, but in use; stop what uses it first.");
        }

        Directory.Move(staged, target);
        FolderFlush.Flush(parent);
        FolderFlush.Flush(Root);
        return Read(target) ?? throw new ModelStoreException($"{manifest.Name}: '{target}' was changed by someone else.");
    }

    internal StoredModel? Read(string folder)
    {
        var manifest = StoreManifest.Read(folder);
        if (manifest is null || !ModelPrecisions.TryParse(manifest.Precision, out var precision)
            || !string.Equals(ModelPath(manifest.Name, manifest.Revision, precision), folder, StringComparison.Ordinal)
            || manifest.Files.Any(file => new FileInfo(Path.Combine(folder, file.Path)) is not { Exists: true } info || info.Length != file.Size))
        {
            return null;
        }

        var stamp = new FileInfo(Path.Combine(folder, LastUsedFile));
        var used = stamp.Exists ? new DateTimeOffset(stamp.LastWriteTimeUtc, TimeSpan.Zero) : manifest.PulledAt;
        return new StoredModel
        {
            Name = manifest.Name,
            Repository = manifest.Repository,
            Revision = manifest.Revision,
            ContentRevision = manifest.PipelineVersion == ModelIdentity.PipelineVersion ? manifest.ContentRevision : null,
            Precision = precision,
            Licence = manifest.Licence,
            Path = folder,
            PulledAt = manifest.PulledAt,
            LastUsed = used > manifest.PulledAt ? used : manifest.PulledAt,
            Files = manifest.Files,
        };
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static DateTime Newest(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(File.GetLastWriteTimeUtc).Append(Directory.GetLastWriteTimeUtc(folder)).Max();

    private string LeasePath(StoredModel model) => LeasePath(model.Path);

    private string LeasePath(string folder) =>
        Path.Combine(Root, ".locks", $"{Path.GetFileName(Path.GetDirectoryName(folder))}--{Path.GetFileName(folder)}.lease");

    private IReadOnlyList<string> Folders() =>
        !Directory.Exists(Root)
            ? []
            :
            [
                .. Directory.EnumerateDirectories(Root, "*", Readable)
                    .Where(name => !Path.GetFileName(name).StartsWith('.'))
                    .SelectMany(name => Directory.EnumerateDirectories(name, "*", Readable))
                    .Order(StringComparer.Ordinal),
            ];

    private bool Remove(string folder, string lease)
    {
        using var held = StoreLock.TryExclusive(lease);
        if (held is null)
        {
            return false;
        }

        // One rename: whoever lists sees all of it or none of it, and a kill leaves no half of it.
        Directory.CreateDirectory(Trash);
        var trash = Path.Combine(Trash, Guid.NewGuid().ToString("N"));
        Directory.Move(folder, trash);
        Directory.Delete(trash, recursive: true);
        return true;
    }

    private void EmptyTrash()
    {
        if (!Directory.Exists(Trash))
        {
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(Trash))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                // Another process is at it.
            }
        }
    }
}
