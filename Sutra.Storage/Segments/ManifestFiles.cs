using System.Globalization;
using Sutra.Storage.Files;

namespace Sutra.Storage.Segments;

/// <summary>
/// The manifest, in two files that take turns: the one that is written is never the one that counts, so a write that is torn leaves
/// the manifest before it.
/// </summary>
internal sealed class ManifestFiles(IFileSystem files, string folder)
{
    private const int Slots = 2;
    private const long MaxLength = 16 << 20;

    /// <summary>The newest manifest that is whole; null when there is none, nor a trace of one.</summary>
    /// <exception cref="SegmentCorruptException">There were manifests, and none is readable.</exception>
    public Manifest? Load()
    {
        var names = files.ListFiles(folder);
        Manifest? newest = null;
        var found = 0;
        for (var slot = 0; slot < Slots; slot++)
        {
            if (!names.Contains(Name(slot), StringComparer.Ordinal))
            {
                continue;
            }

            found++;
            var manifest = ReadAndFlush(PathOf(slot));
            newest = manifest is not null && (newest is null || manifest.Generation > newest.Generation) ? manifest : newest;
        }

        if (found > 0)
        {
            files.FlushFolder(folder);
        }

        // The first manifest of all is renamed into place when it is whole: a lone file that is not readable was so once.
        return newest is null && found > 0
            ? throw new SegmentCorruptException($"No manifest in '{folder}' is readable: both were damaged. Nothing was changed.")
            : newest;
    }

    /// <summary>On the disk when it returns.</summary>
    public void Write(Manifest manifest)
    {
        var path = PathOf((int)(manifest.Generation % Slots));
        var bytes = manifest.Write();
        if (files.ListFiles(folder).Contains(Path.GetFileName(path), StringComparer.Ordinal))
        {
            using var file = files.Open(path);
            file.Write(bytes, 0);
            file.Truncate(bytes.Length);
            file.Flush();
            return;
        }

        var aside = path + SegmentNames.Aside;
        using (var file = files.Create(aside))
        {
            file.Write(bytes, 0);
            file.Flush();
        }

        files.Rename(aside, path);
        files.FlushFolder(folder);
    }

    // What a killed process wrote but did not flush is read here from memory: files will be removed because of it, so it must be durable.
    private Manifest? ReadAndFlush(string path)
    {
        using var file = files.Open(path);
        file.Flush();
        if (file.Length > MaxLength)
        {
            return null;
        }

        var bytes = new byte[file.Length];
        return Manifest.Read(bytes.AsSpan(0, file.Read(bytes, 0)), path);
    }

    private string PathOf(int slot) => Path.Combine(folder, Name(slot));

    private static string Name(int slot) => string.Create(CultureInfo.InvariantCulture, $"manifest-{slot}");
}
