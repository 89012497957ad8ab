using System.Numerics.Tensors;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Export;

/// <summary>An embedding table in 8 bits: value = row scale × signed byte, symmetric.</summary>
public sealed class QuantizedTable
{
    private QuantizedTable(int rows, int dimensions, sbyte[] values, float[] scales)
    {
        Rows = rows;
        Dimensions = dimensions;
        Values = values;
        Scales = scales;
    }

    public int Rows { get; }

    public int Dimensions { get; }

    public sbyte[] Values { get; }

    /// <summary>By row; 0 for a row of zeros.</summary>
    public float[] Scales { get; }

    public static QuantizedTable From(EmbeddingTable table)
    {
        var values = new sbyte[table.Values.Length];
        var scales = new float[table.Rows];
        for (var row = 0; row < table.Rows; row++)
        {
            var source = table[row];
            var scale = Math.Abs(TensorPrimitives.MaxMagnitude(source)) / sbyte.MaxValue;
            scales[row] = scale;
            for (var i = 0; i < source.Length && scale > 0; i++)
            {
                values[(row * table.Dimensions) + i] = (sbyte)Math.Clamp(MathF.Round(source[i] / scale), -sbyte.MaxValue, sbyte.MaxValue);
            }
        }

        return new QuantizedTable(table.Rows, table.Dimensions, values, scales);
    }
}
