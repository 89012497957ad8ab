namespace Sutra.Storage.Lexical;

/// <summary>
/// What the best score in a run of postings can be, whatever the parameters turn out to be when it is searched: up to four pairs of a
/// frequency and a length, one of which is at least as good as any posting. Eight bytes: per pair the codes of frequency (rounded up) and
/// length; frequency 0 is no pair.
/// </summary>
/// <remarks>
/// A score grows with tf / (a + length), where a ≥ 0 depends on b and the mean length only. So whatever they are, the best posting is a
/// corner of the upper hull of all (length, tf), from the one with the highest tf / length on. There are rarely more than four corners; then
/// neighbours are merged into a pair better than both.
/// </remarks>
/// <seealso href="https://doi.org/10.1145/2009916.2010048">The bound per block: Ding and Suel, SIGIR 2011; kept apart from the score's formula as Lucene's impacts are.</seealso>
internal struct ImpactSet
{
    private const int MaxPairs = 4;

    // What rounding can do to a score, as a share of the weight: a posting inside the hull is not better by more.
    private const float Rounding = 5e-7f;

    private readonly byte[] _best;
    private int _longest;

    public ImpactSet()
    {
        _best = new byte[256];
        _longest = -1;
    }

    /// <summary>Takes a posting in.</summary>
    public void Add(uint frequency, byte length) => AddCode(LengthCode.Ceiling(frequency), length);

    /// <summary>Takes in what another set stood for.</summary>
    public void Add(ulong packed)
    {
        for (; packed != 0; packed >>= 16)
        {
            if ((byte)packed != 0)
            {
                AddCode((byte)packed, (byte)(packed >> 8));
            }
        }
    }

    /// <summary>The pairs, and forgets them.</summary>
    /// <param name="averageLength">The mean length of a text, by which pairs are chosen to be merged when there are too many.</param>
    public ulong Take(double averageLength)
    {
        Span<(byte Frequency, byte Length)> pairs = stackalloc (byte, byte)[256];
        var count = 0;
        for (var length = 0; length <= _longest; length++)
        {
            // Of use only if no shorter text has as high a frequency.
            if (_best[length] > (count == 0 ? 0 : pairs[count - 1].Frequency))
            {
                (byte Frequency, byte Length) pair = (_best[length], (byte)length);
                while (count > 0 && IsInside(pairs, count, pair))
                {
                    count--;
                }

                pairs[count++] = pair;
            }
        }

        _best.AsSpan(0, _longest + 1).Clear();
        _longest = -1;
        while (count > MaxPairs)
        {
            Merge(pairs[..count--], averageLength);
        }

        ulong packed = 0;
        for (var i = count - 1; i >= 0; i--)
        {
            packed = (packed << 16) | ((ulong)pairs[i].Length << 8) | pairs[i].Frequency;
        }

        return packed;
    }

    /// <summary>The bound that packed pairs give.</summary>
    public static float Bound(ulong packed, float weight, ReadOnlySpan<float> inverse)
    {
        var bound = 0f;
        for (; packed != 0; packed >>= 16)
        {
            bound = Math.Max(bound, Bm25.Score(weight, LengthCode.Decode((byte)packed), inverse[(byte)(packed >> 8)]));
        }

        return bound + weight * Rounding;
    }

    // Whether the last pair is not above the line from the one before it (or from nothing at all) to the next.
    private static bool IsInside(ReadOnlySpan<(byte Frequency, byte Length)> pairs, int count, (byte Frequency, byte Length) next)
    {
        var (lastLength, last) = Point(pairs[count - 1]);
        var (fromLength, from) = count > 1 ? Point(pairs[count - 2]) : (0, 0);
        var (nextLength, to) = Point(next);
        return (last - from) * (nextLength - fromLength) <= (to - from) * (lastLength - fromLength);
    }

    private static (double Length, double Frequency) Point((byte Frequency, byte Length) pair) => (LengthCode.Decode(pair.Length), LengthCode.Decode(pair.Frequency));

    private void AddCode(byte frequency, byte length)
    {
        _best[length] = Math.Max(_best[length], frequency);
        _longest = Math.Max(_longest, length);
    }

    // Replaces the two neighbours whose common bound is raised least: the frequency of one, the length of the other.
    private static void Merge(Span<(byte Frequency, byte Length)> pairs, double averageLength)
    {
        var (at, least) = (0, double.MaxValue);
        for (var i = 0; i + 1 < pairs.Length; i++)
        {
            var raised = Nominal(pairs[i + 1].Frequency, pairs[i].Length) - Math.Max(Nominal(pairs[i].Frequency, pairs[i].Length), Nominal(pairs[i + 1].Frequency, pairs[i + 1].Length));
            if (raised < least)
            {
                (at, least) = (i, raised);
            }
        }

        pairs[at].Frequency = pairs[at + 1].Frequency;
        pairs[(at + 2)..].CopyTo(pairs[(at + 1)..]);

        double Nominal(byte frequency, byte length)
        {
            var tf = (double)LengthCode.Decode(frequency);
            return tf / (tf + 1.2 * (0.25 + 0.75 * LengthCode.Decode(length) / averageLength));
        }
    }
}
