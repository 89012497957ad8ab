namespace Sutra.Embedder.Models;

/// <summary>How a model's weights are stored; the order is that of preference where nobody asks for one: closest to the original first.</summary>
public enum ModelPrecision
{
    /// <summary><c>fp32</c></summary>
    Float32,

    /// <summary><c>int8</c>: weights in 8 bits, activations quantized as the model runs.</summary>
    Int8,

    /// <summary><c>uint8</c>: as <see cref="Int8"/>, made for processors without VNNI.</summary>
    UInt8,

    /// <summary><c>fp16</c>: for GPUs; on a processor slower than <see cref="Float32"/>.</summary>
    Float16,

    /// <summary><c>q4</c>: weights in blocks of 4 bits.</summary>
    Q4,

    /// <summary><c>q4f16</c>: as <see cref="Q4"/>, the rest in 16 bits.</summary>
    Q4Float16,

    /// <summary><c>bnb4</c>: 4 bits as bitsandbytes writes them.</summary>
    Bnb4,
}

/// <summary>Precisions by the names that people write: in options, in the catalog, in the names of files.</summary>
public static class ModelPrecisions
{
    /// <summary>Every name, the preferred precision first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<ModelPrecision>().Select(precision => precision.ToName())];

    public static string ToName(this ModelPrecision precision) => precision switch
    {
        ModelPrecision.Float32 => "fp32",
        ModelPrecision.Float16 => "fp16",
        ModelPrecision.Int8 => "int8",
        ModelPrecision.UInt8 => "uint8",
        ModelPrecision.Q4 => "q4",
        ModelPrecision.Q4Float16 => "q4f16",
        ModelPrecision.Bnb4 => "bnb4",
        _ => throw new ArgumentOutOfRangeException(nameof(precision)),
    };

    public static bool TryParse(string? name, out ModelPrecision precision)
    {
        foreach (var candidate in Enum.GetValues<ModelPrecision>())
        {
            if (string.Equals(candidate.ToName(), name, StringComparison.OrdinalIgnoreCase))
            {
                precision = candidate;
                return true;
            }
        }

        precision = default;
        return false;
    }
}
