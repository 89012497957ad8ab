namespace Sutra.Storage.Lexical;

/// <summary>The parameters of BM25.</summary>
/// <param name="K1">How fast further occurrences of a term stop counting: 0 and more; 0 counts it once. Default 1.2.</param>
/// <param name="B">How far long texts are held back: 0 (not) to 1. Default 0.75.</param>
internal readonly record struct Bm25Options(float K1, float B)
{
    /// <summary>1.2 and 0.75.</summary>
    public static Bm25Options Default { get; } = new(1.2f, 0.75f);
}

/// <summary>
/// BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) for one query over all parts of a
/// collection, with the inverse document frequency ln(1 + (N - n + ½) / (n + ½)), which is never negative.
/// </summary>
/// <remarks>
/// A score is written as w - w / (1 + tf · i): each of these operations keeps order when it rounds, so a bound worked out the same way from
/// a higher frequency and a shorter text is never below the score itself.
/// </remarks>
internal sealed class Bm25
{
    private readonly float[] _inverse = new float[256];
    private readonly float _k1;
    private readonly long _documents;

    /// <param name="options">Parameters.</param>
    /// <param name="documents">Texts that have a term at all, in all parts.</param>
    /// <param name="totalLength">Sum of their lengths.</param>
    public Bm25(Bm25Options options, long documents, long totalLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.K1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.B, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.B, 1f, nameof(options));
        _k1 = options.K1;
        _documents = documents;
        var average = documents > 0 && totalLength > 0 ? totalLength / (double)documents : 1;
        for (var code = 0; code < 256; code++)
        {
            _inverse[code] = (float)(1 / (options.K1 * (1 - options.B + options.B * LengthCode.Decode((byte)code) / average)));
        }
    }

    /// <summary>By length code: 1 / (k1 · (1 - b + b · length / average length)).</summary>
    public ReadOnlySpan<float> Inverse => _inverse;

    /// <summary>How much a term tells. <paramref name="frequency"/> is how many texts have it.</summary>
    public double Idf(long frequency)
    {
        var n = Math.Min(frequency, _documents);
        return Math.Log(1 + (_documents - n + 0.5) / (n + 0.5));
    }

    /// <summary>The score that a term comes near to when it fills a text.</summary>
    public float Weight(long frequency, int occurrencesInQuery) => (float)(Idf(frequency) * (_k1 + 1) * occurrencesInQuery);

    /// <summary>The score of a term in a text.</summary>
    public static float Score(float weight, uint frequency, float inverse) => weight - weight / (1 + frequency * inverse);
}
