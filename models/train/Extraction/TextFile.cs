using System.Text;

namespace Sutra.Models.Train.Extraction;

/// <summary>A file's text: UTF-8, or UTF-16 and UTF-32 by their byte order mark; what is plainly not UTF-8 is read as Latin-1.</summary>
internal static class TextFile
{
    private const int Looked = 8192;

    /// <returns>The text, or why there is none.</returns>
    public static (string? Text, string? Skipped) Read(string path, long maximumBytes)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length > maximumBytes)
        {
            return (null, "too large");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return IsBinary(bytes) ? (null, "binary") : (Decode(bytes), null);
    }

    public static bool IsBinary(string path)
    {
        using var stream = File.OpenRead(path);
        var start = new byte[Looked];
        return IsBinary(start.AsSpan(0, stream.ReadAtLeast(start, Looked, throwOnEndOfStream: false)));
    }

    public static bool IsBinary(ReadOnlySpan<byte> bytes) => Mark(bytes) is null && bytes[..Math.Min(Looked, bytes.Length)].Contains((byte)0);

    private static string Decode(byte[] bytes)
    {
        if (Mark(bytes) is { } marked)
        {
            return marked.GetString(bytes.AsSpan(marked.Preamble.Length));
        }

        // One bad byte in good UTF-8 is a slip; more bad ones than good non-ASCII characters is another encoding.
        var text = Encoding.UTF8.GetString(bytes);
        var bad = text.AsSpan().Count('\uFFFD');
        return bad > 0 && bad > text.Count(c => c > 127) - bad ? Encoding.Latin1.GetString(bytes) : text;
    }

    private static Encoding? Mark(ReadOnlySpan<byte> bytes)
    {
        // UTF-32 before UTF-16: its mark begins with UTF-16's.
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.UTF32, Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            if (bytes.StartsWith(encoding.Preamble))
            {
                return encoding;
            }
        }

        return null;
    }
}
