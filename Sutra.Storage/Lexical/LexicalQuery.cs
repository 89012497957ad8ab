using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Storage.Lexical;

/// <summary>The terms of a question: each once, in the order in which they first appear.</summary>
internal sealed class LexicalQuery
{
    /// <summary>Further terms are left out.</summary>
    public const int MaxTerms = 256;

    private readonly byte[] _bytes;
    private readonly List<(int Start, int Length, int Occurrences)> _terms;

    private LexicalQuery(byte[] bytes, List<(int, int, int)> terms)
    {
        _bytes = bytes;
        _terms = terms;
    }

    public int Count => _terms.Count;

    /// <summary>Reads a question as texts are read.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="language">The index's.</param>
    public static LexicalQuery Parse(ReadOnlySpan<char> text, TextLanguage language)
    {
        var sink = new Sink([], [], []);
        TextAnalyzer.Analyze(text, language, ref sink);
        return new LexicalQuery([.. sink.Bytes], sink.Terms);
    }

    /// <summary>UTF-8 of a term.</summary>
    public ReadOnlySpan<byte> Term(int term) => _bytes.AsSpan(_terms[term].Start, _terms[term].Length);

    /// <summary>How often the question has it. Its score counts as often.</summary>
    public int Occurrences(int term) => _terms[term].Occurrences;

    private readonly struct Sink(List<byte> bytes, List<(int Start, int Length, int Occurrences)> terms, Dictionary<string, int> known) : ITermSink
    {
        public List<byte> Bytes => bytes;

        public List<(int Start, int Length, int Occurrences)> Terms => terms;

        public void Add(ReadOnlySpan<byte> utf8, bool extra)
        {
            var key = System.Text.Encoding.UTF8.GetString(utf8);
            if (known.TryGetValue(key, out var at))
            {
                terms[at] = terms[at] with { Occurrences = terms[at].Occurrences + 1 };
            }
            else if (terms.Count < MaxTerms)
            {
                known.Add(key, terms.Count);
                terms.Add((bytes.Count, utf8.Length, 1));
                bytes.AddRange(utf8);
            }
        }
    }
}
