using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>
/// The inverse cloze task (Lee, Chang and Toutanova, 2019): now and then a sentence of the positive takes the anchor's place and the rest of
/// the text is what it shall find. So the vectors learn from the whole text which words keep company, not from headings alone.
/// </summary>
/// <param name="share">How many pairs in a hundred parts, 0..1, become such a query when they are drawn.</param>
/// <param name="sentenceEnd">The piece that ends a sentence; −1 when the vocabulary has none.</param>
internal sealed class SpanQueries(double share, int sentenceEnd)
{
    private const int ShortestText = 24;
    private const int ShortestSpan = 4;
    private const int LongestSpan = 32;
    private const int ShortestRest = 8;

    private readonly List<int> _starts = [];

    /// <summary>The pair itself, or a span of its positive with what is left around it.</summary>
    public EncodedPair Draw(EncodedPair pair, GaussianSource random)
    {
        if (random.NextUniform() >= share || pair.Positive.Length < ShortestText)
        {
            return pair;
        }

        var text = pair.Positive;
        var (start, end) = Sentence(text, random);
        if (end - start < ShortestSpan || text.Length - (end - start) < ShortestRest)
        {
            var length = ShortestSpan + random.NextInt(Math.Min(LongestSpan, text.Length / 2) - ShortestSpan);
            start = random.NextInt(text.Length - length + 1);
            end = start + length;
        }

        if (end - start > LongestSpan)
        {
            start += random.NextInt(end - start - LongestSpan + 1);
            end = start + LongestSpan;
        }

        return pair with { Anchor = text[start..end], Positive = [.. text.AsSpan(0, start), .. text.AsSpan(end)] };
    }

    private (int Start, int End) Sentence(ushort[] text, GaussianSource random)
    {
        _starts.Clear();
        _starts.Add(0);
        for (var i = 0; i < text.Length - 1; i++)
        {
            if (text[i] == sentenceEnd)
            {
                _starts.Add(i + 1);
            }
        }

        var chosen = random.NextInt(_starts.Count);
        return (_starts[chosen], chosen + 1 < _starts.Count ? _starts[chosen + 1] : text.Length);
    }
}
