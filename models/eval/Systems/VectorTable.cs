using System.Numerics.Tensors;

namespace Sutra.Models.Eval.Systems;

/// <summary>Vectors with the lengths of their beginnings, so that cosines of all cuts come from one pass.</summary>
internal sealed class VectorTable
{
    private readonly IReadOnlyList<int> _cuts;
    private readonly float[][] _inverseLengths;

    /// <param name="values">Row-major; rows as long as the last cut.</param>
    public VectorTable(float[] values, IReadOnlyList<int> cuts)
    {
        Values = values;
        _cuts = cuts;
        Rows = values.Length / Dimensions;
        _inverseLengths = [.. cuts.Select(_ => new float[Rows])];
        for (var row = 0; row < Rows; row++)
        {
            for (var cut = 0; cut < cuts.Count; cut++)
            {
                var length = TensorPrimitives.Norm<float>(this[row][..cuts[cut]]);
                _inverseLengths[cut][row] = length > 0 ? 1 / length : 0;
            }
        }
    }

    public float[] Values { get; }

    public int Rows { get; }

    public int Dimensions => _cuts[^1];

    public ReadOnlySpan<float> this[int row] => Values.AsSpan(row * Dimensions, Dimensions);

    /// <summary>The cosine of two rows at each cut; 0 where a vector is zero.</summary>
    public void Cosines(int row, VectorTable other, int otherRow, Span<float> cosines)
    {
        var a = this[row];
        var b = other[otherRow];
        var (product, from) = (0f, 0);
        for (var cut = 0; cut < _cuts.Count; cut++)
        {
            var to = _cuts[cut];
            product += TensorPrimitives.Dot(a[from..to], b[from..to]);
            cosines[cut] = product * _inverseLengths[cut][row] * other._inverseLengths[cut][otherRow];
            from = to;
        }
    }
}
