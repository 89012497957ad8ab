using System.Buffers;
using System.Text;

namespace Sutra.Storage.Lexical.Analysis;

/// <summary>Turns text into terms: what is indexed, and what is searched for. Stateless; takes any text and never throws for one.</summary>
/// <remarks>
/// <para>Words are segments between the boundaries of UAX #29, normalised (NFKC), folded (<see cref="TermFold"/>) and, if they are plain
/// letters, stemmed (<see cref="LightStemmer"/>). No words are left out: those that are everywhere weigh next to nothing anyway.</para>
/// <para>Words joined by one of <c>- _ . , : @ &amp; + /'</c> without spaces, such as "A-320", "v1.2.3", "foo_bar", "a.b@example.com", give each
/// part, and then the whole as an extra term, hyphens left out, so that "A320" is found, too.</para>
/// <para>Scripts without spaces (Han, kana, Thai, Lao, Khmer, Myanmar) and Hangul give pairs of neighbouring characters, which needs no
/// dictionary; Han characters also stand alone (their pairs are extra), others only if they have no neighbour.</para>
/// </remarks>
internal static class TextAnalyzer
{
    /// <summary>Longer terms are cut before the first character that does not fit.</summary>
    public const int MaxTermBytes = 128;

    /// <summary>Gives the terms of a text in their order.</summary>
    public static void Analyze<TSink>(ReadOnlySpan<char> text, TextLanguage language, ref TSink sink)
        where TSink : ITermSink
    {
        using var clean = new CleanText(text);
        Span<byte> term = stackalloc byte[MaxTermBytes];
        Span<byte> whole = stackalloc byte[MaxTermBytes];
        var run = new AnalysisRun<TSink>(clean.Span, language, term, whole, ref sink);
        run.Execute();
    }

    /// <summary>Gives the terms of a text in UTF-8. What is no UTF-8 is taken as U+FFFD.</summary>
    public static void Analyze<TSink>(ReadOnlySpan<byte> utf8, TextLanguage language, ref TSink sink)
        where TSink : ITermSink
    {
        var buffer = ArrayPool<char>.Shared.Rent(utf8.Length + 1);
        var length = Encoding.UTF8.GetChars(utf8, buffer);
        Analyze(buffer.AsSpan(0, length), language, ref sink);
        ArrayPool<char>.Shared.Return(buffer);
    }
}
