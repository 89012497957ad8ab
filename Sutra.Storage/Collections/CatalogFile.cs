using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sutra.Storage.Files;
using Sutra.Storage.Log;

namespace Sutra.Storage.Collections;

/// <summary>The catalog on the disk: a line with the checksum of the rest, then JSON. Replaced as a whole, atomically.</summary>
internal sealed class CatalogFile(IFileSystem files, string folder)
{
    public const string Name = "catalog";

    private const string Aside = Name + ".new";
    private const string Head = "sutra catalog 1 ";
    private const int HeadLength = 25;
    private const long MaxLength = 64 << 20;

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Null when there is no file.</summary>
    /// <exception cref="CatalogCorruptException">It is not what was written.</exception>
    public Catalog? Load()
    {
        var names = files.ListFiles(folder);
        if (names.Contains(Aside, StringComparer.Ordinal))
        {
            files.Delete(Path.Combine(folder, Aside));
        }

        if (!names.Contains(Name, StringComparer.Ordinal))
        {
            return null;
        }

        var path = Path.Combine(folder, Name);
        using var file = files.Open(path);

        // What a killed process wrote but did not flush is read here from memory: folders will be removed because of it.
        file.Flush();
        files.FlushFolder(folder);
        var bytes = new byte[file.Length <= MaxLength ? file.Length : throw Corrupt(path)];
        return Parse(bytes.AsSpan(0, file.Read(bytes, 0)), path);
    }

    /// <summary>On the disk when it returns.</summary>
    public void Save(Catalog catalog)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(catalog, s_json);
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Head}{Crc32C.Compute(json):x8}\n"));
        var aside = Path.Combine(folder, Aside);
        using (var file = files.Create(aside))
        {
            file.Write(head, 0);
            file.Write(json, head.Length);
            file.Flush();
        }

        files.Rename(aside, Path.Combine(folder, Name));
        files.FlushFolder(folder);
    }

    private static Catalog Parse(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < HeadLength || bytes[HeadLength - 1] != '\n')
        {
            throw Corrupt(path);
        }

        var head = Encoding.ASCII.GetString(bytes[..(HeadLength - 1)]);
        var json = bytes[HeadLength..];
        if (!head.StartsWith(Head, StringComparison.Ordinal) || head[Head.Length..] != Crc32C.Compute(json).ToString("x8", CultureInfo.InvariantCulture))
        {
            throw Corrupt(path);
        }

        try
        {
            return JsonSerializer.Deserialize<Catalog>(json, s_json) ?? throw Corrupt(path);
        }
        catch (JsonException e)
        {
            throw new CatalogCorruptException($"'{path}' is of a version that this program does not read ({e.Path}). Nothing was changed.");
        }
    }

    private static CatalogCorruptException Corrupt(string path) =>
        new($"'{path}' is corrupt: it is not the catalog of collections that was written. Nothing was changed.");
}
