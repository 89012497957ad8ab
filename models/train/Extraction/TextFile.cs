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

    /// <summary>Of a file of any size: by its byte order mark, else by all that it holds.</summary>
    public static Encoding EncodingOf(string path)
    {
        using var stream = File.OpenRead(path);
        return EncodingOf(stream);
    }

    private static string Decode(byte[] bytes)
    {
        var encoding = EncodingOf(new MemoryStream(bytes));
        return encoding.GetString(bytes.AsSpan(bytes.AsSpan().StartsWith(encoding.Preamble) ? encoding.Preamble.Length : 0));
    }

    private static Encoding EncodingOf(Stream stream)
    {
        Span<byte> start = stackalloc byte[4];
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (Mark(start[..read]) is { } marked)
        {
            return marked;
        }

        stream.Position = 0;
        // One bad byte in good UTF-8 is a slip; more bad ones than good non-ASCII characters is another encoding.
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var buffer = new char[Looked];
        long bad = 0, good = 0;
        while (reader.Read(buffer) is > 0 and var count)
        {
            var text = buffer.AsSpan(0, count);
            var replaced = text.Count('\uFFFD');
            bad += replaced;
            good += NotAscii(text) - replaced;
        }

        return bad > good ? Encoding.Latin1 : Encoding.UTF8;
    }

    private static int NotAscii(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
        {
            count += c > 127 ? 1 : 0;
        }

        return count;
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
