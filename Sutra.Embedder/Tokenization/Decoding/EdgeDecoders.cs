using System.Globalization;
using System.Text;

namespace Sutra.Embedder.Tokenization.Decoding;

/// <summary>Strip: up to so many of one character go from either end of every part.</summary>
internal sealed class StripDecoder(Rune content, int start, int stop) : Decoder
{
    public override List<string> Decode(List<string> parts) => [.. parts.Select(Strip)];

    private string Strip(string part)
    {
        var text = content.ToString();
        var (from, to) = (0, part.Length);
        for (var i = 0; i < start && string.CompareOrdinal(part, from, text, 0, text.Length) == 0 && from < part.Length; i++)
        {
            from += text.Length;
        }

        for (var i = 0; i < stop && to - text.Length >= from && string.CompareOrdinal(part, to - text.Length, text, 0, text.Length) == 0; i++)
        {
            to -= text.Length;
        }

        return part[from..to];
    }
}

/// <summary>ByteFallback: tokens of bytes in a row become text; where they are no UTF-8, a U+FFFD for each.</summary>
internal sealed class ByteFallbackDecoder : Decoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override List<string> Decode(List<string> parts)
    {
        var (decoded, bytes) = (new List<string>(), new List<byte>());
        foreach (var part in parts)
        {
            if (Encoding.UTF8.GetByteCount(part) == 6 && part.StartsWith("<0x", StringComparison.Ordinal) && part[^1] == '>'
                && byte.TryParse(part.AsSpan(3, part.Length - 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, decoded);
            decoded.Add(part);
        }

        Flush(bytes, decoded);
        return decoded;
    }

    private static void Flush(List<byte> bytes, List<string> decoded)
    {
        try
        {
            if (bytes.Count > 0)
            {
                decoded.Add(Strict.GetString([.. bytes]));
            }
        }
        catch (DecoderFallbackException)
        {
            decoded.AddRange(Enumerable.Repeat("\uFFFD", bytes.Count));
        }

        bytes.Clear();
    }
}
