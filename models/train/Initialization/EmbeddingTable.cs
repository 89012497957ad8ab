namespace Sutra.Models.Train.Initialization;

/// <summary>One vector per piece, row-major.</summary>
public sealed class EmbeddingTable(int rows, int dimensions)
{
    public int Rows { get; } = rows;

    public int Dimensions { get; } = dimensions;

    public float[] Values { get; } = new float[(long)rows * dimensions];

    public Span<float> this[int row] => Values.AsSpan(row * Dimensions, Dimensions);
}
