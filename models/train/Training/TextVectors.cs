using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>One side of a batch: the weighted sum of each text's rows (only its direction counts, so no mean is needed), its lengths, its gradient.</summary>
internal sealed class TextVectors
{
    private readonly int _dimensions;
    private readonly IReadOnlyList<int> _prefixes;

    public TextVectors(int count, IReadOnlyList<int> prefixes)
    {
        _prefixes = prefixes;
        _dimensions = prefixes[^1];
        Sums = new float[count * _dimensions];
        ByDimension = new float[count * _dimensions];
        Gradients = new float[count * _dimensions];
        InverseLengths = NewPerPrefix(prefixes, count);
        Pull = NewPerPrefix(prefixes, count);
    }

    /// <summary>[text][dimension].</summary>
    public float[] Sums { get; }

    /// <summary>The sums in strips: [dimension / 16][text][dimension % 16].</summary>
    public float[] ByDimension { get; }

    /// <summary>[text][dimension], of the loss by the sums.</summary>
    public float[] Gradients { get; }

    /// <summary>[prefix][text]: 1 / length of the beginning of the sum; 0 for an empty text, which then has no say.</summary>
    public float[][] InverseLengths { get; }

    /// <summary>[prefix][text]: Σ over the other side of gradient by cosine × cosine.</summary>
    public float[][] Pull { get; }

    /// <summary>Reads text <paramref name="text"/>; different texts may be read at once.</summary>
    public void Gather(int text, WeightedPieces pieces, EmbeddingTable table)
    {
        var sum = Sums.AsSpan(text * _dimensions, _dimensions);
        sum.Clear();
        pieces.AddTo(sum, table);

        var count = Sums.Length / _dimensions;
        for (var d = 0; d < _dimensions; d += Kernels.Tile)
        {
            sum.Slice(d, Kernels.Tile).CopyTo(ByDimension.AsSpan((d * count) + (text * Kernels.Tile)));
        }

        var squares = 0f;
        var from = 0;
        for (var p = 0; p < _prefixes.Count; p++)
        {
            for (; from < _prefixes[p]; from += Kernels.Tile)
            {
                var (low, high) = Kernels.Load(ref MemoryMarshal.GetReference(sum[from..]));
                squares += Kernels.Sum(low * low, high * high);
            }

            InverseLengths[p][text] = squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
        }
    }

    /// <summary>
    /// Starts the gradients with their part along the vector itself: a cosine does not change when a vector grows, so what pulls along it is
    /// taken away. The products with the other side are added to it.
    /// </summary>
    public void StartGradient(int text)
    {
        var factor = 0f;
        var sum = Sums.AsSpan(text * _dimensions, _dimensions);
        var gradient = Gradients.AsSpan(text * _dimensions, _dimensions);
        for (var p = _prefixes.Count - 1; p >= 0; p--)
        {
            // A prefix acts on all blocks up to its length, so blocks collect from the longest prefix down.
            factor -= Pull[p][text] * InverseLengths[p][text] * InverseLengths[p][text];
            var from = p == 0 ? 0 : _prefixes[p - 1];
            TensorPrimitives.Multiply(sum[from.._prefixes[p]], factor, gradient[from.._prefixes[p]]);
        }
    }

    private static float[][] NewPerPrefix(IReadOnlyList<int> prefixes, int count) => [.. prefixes.Select(_ => new float[count])];
}
