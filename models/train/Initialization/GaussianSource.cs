using System.Numerics;

namespace Sutra.Models.Train.Initialization;

/// <summary>
/// Seeded, approximately normal numbers from additions only (twelve uniforms, as Irwin and Hall have it): no logarithm or cosine,
/// whose last bit differs between platforms, so a seed gives the same model everywhere.
/// </summary>
public sealed class GaussianSource
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    public GaussianSource(ulong seed)
    {
        (_a, _b, _c, _d) = (SplitMix(ref seed), SplitMix(ref seed), SplitMix(ref seed), SplitMix(ref seed));
    }

    /// <summary>Mean 0, variance 1, within ±6.</summary>
    public float NextGaussian()
    {
        var sum = 0.0;
        for (var i = 0; i < 12; i++)
        {
            sum += NextUniform();
        }

        return (float)(sum - 6.0);
    }

    /// <summary>Uniform in [0, <paramref name="limit"/>).</summary>
    public int NextInt(int limit) => (int)(((UInt128)NextBits() * (ulong)limit) >> 64);

    /// <summary>Any order, all as likely.</summary>
    public void Shuffle(Span<int> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var other = NextInt(i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextUniform() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    // xoshiro256**
    private ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
