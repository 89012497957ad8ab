using System.Buffers;
using System.Text;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Storage.Associations.Extraction;

/// <summary>
/// Finds what a text names, by rules that know no language's grammar: runs of capitalised words, acronyms and tickers, dates, e-mail
/// addresses, addresses of pages, handles, tags, identifiers. Deterministic; takes any text and never throws for one. docs/associations.md has the rules.
/// </summary>
internal static class EntityExtractor
{
    /// <summary>Changes with every change of what is extracted: what is stored says by which rules it was.</summary>
    public const uint Rules = 1;

    public static void Extract(ReadOnlySpan<byte> utf8, EntityCollector entities)
    {
        var buffer = ArrayPool<char>.Shared.Rent(utf8.Length + 1);
        var length = Encoding.UTF8.GetChars(utf8, buffer);
        using (var clean = new CleanText(buffer.AsSpan(0, length)))
        {
            var scan = new EntityScan(clean.Span, entities);
            scan.Execute();
        }

        ArrayPool<char>.Shared.Return(buffer);
    }

    /// <param name="text">Of the metadata: a value says what it says, whatever it looks like.</param>
    public static void ExtractPair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, EntityCollector entities)
    {
        Span<char> pair = stackalloc char[key.Length + text.Length + 1];
        var length = Encoding.UTF8.GetChars(key, pair);
        pair[length++] = '=';
        length += Encoding.UTF8.GetChars(text, pair[length..]);
        using var clean = new CleanText(pair[..length]);
        entities.Add(EntityKind.Metadata, clean.Span);
    }
}
