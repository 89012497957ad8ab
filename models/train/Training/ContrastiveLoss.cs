using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static Sutra.Models.Train.Training.Kernels;

namespace Sutra.Models.Train.Training;

/// <summary>
/// Symmetric multiple-negatives ranking loss with Matryoshka prefixes, and its gradients: each anchor shall find its positive among all of
/// the batch, and each positive its anchor, by the cosine of the whole vectors and of each prefix alone.
/// </summary>
internal sealed class ContrastiveLoss
{
    /// <summary>A cosine no pair can have: its exponential is nothing.</summary>
    private const float MaskedCosine = -100;

    private readonly int _batch;
    private readonly IReadOnlyList<int> _prefixes;
    private readonly float _scale;
    private readonly float[] _prefixWeights;
    private readonly ParallelOptions _parallel;

    // All [prefix]; strips of 16 positives × all anchors. Dot products first, gradient factors after.
    private readonly float[][] _matrix;
    private readonly float[][] _rowParts;
    private readonly float[][] _rowFactors;
    private readonly float[][] _columnSums;
    private readonly float[][] _diagonal;
    private readonly float[] _positivesByText;

    public ContrastiveLoss(TrainingOptions options)
    {
        _batch = options.BatchSize;
        _prefixes = options.Prefixes;
        _scale = options.Scale;
        var weights = options.PrefixWeights ?? [.. _prefixes.Select(_ => 1f)];
        _prefixWeights = [.. weights.Select(w => w / weights.Sum())];
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        Anchors = new TextVectors(_batch, _prefixes);
        Positives = new TextVectors(_batch, _prefixes);
        _positivesByText = new float[_batch * Dimensions];
        _matrix = NewPerPrefix(_batch * _batch);
        _rowParts = NewPerPrefix(Strips * _batch);
        _rowFactors = NewPerPrefix(_batch);
        _columnSums = NewPerPrefix(_batch);
        _diagonal = NewPerPrefix(_batch);
    }

    public TextVectors Anchors { get; }

    public TextVectors Positives { get; }

    private int Dimensions => _prefixes[^1];

    private int Strips => _batch / Tile;

    /// <summary>From both sides' sums to both sides' gradients.</summary>
    /// <param name="same">For each anchor the positives of other pairs with the same anchor, which are no negatives.</param>
    /// <returns>The mean over pairs of the weighted mean over prefixes.</returns>
    public float Compute(IReadOnlyList<(int Anchor, int Positive)> same)
    {
        Parallel.For(0, Strips, _parallel, MultiplyStrip);
        foreach (var (anchor, positive) in same)
        {
            Mask(anchor, positive);
        }

        Parallel.For(0, Strips, _parallel, SumStrip);
        ReduceRows(_rowFactors);
        var loss = MeanLoss();
        foreach (var factors in _rowFactors)
        {
            for (var i = 0; i < _batch; i++)
            {
                factors[i] = 1 / factors[i];
            }
        }

        Parallel.For(0, Strips, _parallel, DifferentiateStrip);
        ReduceRows(Anchors.Pull);
        Parallel.For(0, Strips, _parallel, Distribute);
        return loss;
    }

    /// <summary>Dot products of 16 positives with all anchors, prefix by prefix, each going on where the shorter one ended.</summary>
    private void MultiplyStrip(int strip)
    {
        var width = Dimensions;
        var packed = _positivesByText.AsSpan(strip * Tile * width, Tile * width);
        for (var j = 0; j < Tile; j++)
        {
            var positive = Positives.Sums.AsSpan(((strip * Tile) + j) * width, width);
            for (var d = 0; d < width; d++)
            {
                packed[(d * Tile) + j] = positive[d];
            }
        }

        var layout = new LeftLayout(width, Tile, 1);
        var from = 0;
        for (var p = 0; p < _prefixes.Count; p++)
        {
            var target = Strip(_matrix[p], strip);
            var initial = p == 0 ? target : Strip(_matrix[p - 1], strip);
            if (p == 0)
            {
                target.Clear();
            }

            for (var i = 0; i < _batch; i += RowsAtOnce)
            {
                MultiplyAdd(
                    ref Anchors.Sums[(i * width) + from], layout, ref packed[from * Tile], (_prefixes[p] - from) / Tile, ref initial[i * Tile], ref target[i * Tile], Tile);
            }

            from = _prefixes[p];
        }
    }

    private void Mask(int anchor, int positive)
    {
        for (var p = 0; p < _prefixes.Count; p++)
        {
            var lengths = Anchors.InverseLengths[p][anchor] * Positives.InverseLengths[p][positive];
            if (lengths > 0)
            {
                _matrix[p][Index(anchor, positive)] = MaskedCosine / lengths;
            }
        }
    }

    /// <summary>Sums of exponentials, by column at once and by row in parts.</summary>
    private void SumStrip(int strip)
    {
        for (var p = 0; p < _prefixes.Count; p++)
        {
            var matrix = Strip(_matrix[p], strip);
            var inverse = Load(ref Positives.InverseLengths[p][strip * Tile]);
            var anchors = Anchors.InverseLengths[p];
            var rows = _rowParts[p].AsSpan(strip * _batch, _batch);
            var sum = (Low: Vector256<float>.Zero, High: Vector256<float>.Zero);
            for (var i = 0; i < _batch; i++)
            {
                var (low, high) = Exponentials(ref matrix[i * Tile], anchors[i], inverse, out _);
                rows[i] = Sum(low, high);
                sum = (sum.Low + low, sum.High + high);
            }

            Store(sum.Low, sum.High, ref _columnSums[p][strip * Tile]);
            for (var j = strip * Tile; j < (strip + 1) * Tile; j++)
            {
                var cosine = _matrix[p][Index(j, j)] * anchors[j] * Positives.InverseLengths[p][j];
                _diagonal[p][j] = _scale * (cosine - 1);
            }
        }
    }

    /// <summary>e^(scale × (cosine − 1)): at most 1, so nothing overflows and one matrix serves rows and columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector256<float> Low, Vector256<float> High) Exponentials(
        ref float dots, float anchor, (Vector256<float> Low, Vector256<float> High) positives, out (Vector256<float> Low, Vector256<float> High) cosines)
    {
        var (low, high) = Load(ref dots);
        cosines = (low * anchor * positives.Low, high * anchor * positives.High);
        var (scale, shift) = (Vector256.Create(_scale), Vector256.Create(-_scale));
        return (ExpOfNegative(Vector256.FusedMultiplyAdd(cosines.Low, scale, shift)), ExpOfNegative(Vector256.FusedMultiplyAdd(cosines.High, scale, shift)));
    }

    private float MeanLoss()
    {
        var loss = 0.0;
        for (var p = 0; p < _prefixes.Count; p++)
        {
            for (var i = 0; i < _batch; i++)
            {
                loss += _prefixWeights[p] * ((0.5 * (Math.Log(_rowFactors[p][i]) + Math.Log(_columnSums[p][i]))) - _diagonal[p][i]);
            }
        }

        return (float)(loss / _batch);
    }

    /// <summary>
    /// Gradient by each cosine; what it pulls along the vectors themselves; and, in place of the dot products, its factor on the other
    /// side's sum, already added up for the blocks of dimensions that several prefixes share.
    /// </summary>
    private void DifferentiateStrip(int strip)
    {
        Span<float> own = stackalloc float[Tile];
        for (var p = _prefixes.Count - 1; p >= 0; p--)
        {
            var weight = 0.5f * _scale / _batch * _prefixWeights[p];
            var matrix = Strip(_matrix[p], strip);
            var longer = p + 1 < _prefixes.Count ? Strip(_matrix[p + 1], strip) : default;
            var inverse = Load(ref Positives.InverseLengths[p][strip * Tile]);
            var anchors = Anchors.InverseLengths[p];
            var rows = _rowFactors[p];
            var rowPulls = _rowParts[p].AsSpan(strip * _batch, _batch);
            var (columnLow, columnHigh) = Load(ref _columnSums[p][strip * Tile]);
            (columnLow, columnHigh) = (Vector256<float>.One / columnLow, Vector256<float>.One / columnHigh);
            var pull = (Low: Vector256<float>.Zero, High: Vector256<float>.Zero);
            for (var i = 0; i < _batch; i++)
            {
                var (low, high) = Exponentials(ref matrix[i * Tile], anchors[i], inverse, out var cosines);
                low *= columnLow + Vector256.Create(rows[i]);
                high *= columnHigh + Vector256.Create(rows[i]);
                if (i / Tile == strip)
                {
                    own.Clear();
                    own[i % Tile] = 2;
                    var (ownLow, ownHigh) = Load(ref MemoryMarshal.GetReference(own));
                    (low, high) = (low - ownLow, high - ownHigh);
                }

                (low, high) = (low * weight, high * weight);
                var (pullLow, pullHigh) = (low * cosines.Low, high * cosines.High);
                rowPulls[i] = Sum(pullLow, pullHigh);
                pull = (pull.Low + pullLow, pull.High + pullHigh);

                (low, high) = (low * anchors[i] * inverse.Low, high * anchors[i] * inverse.High);
                if (!longer.IsEmpty)
                {
                    var (longerLow, longerHigh) = Load(ref longer[i * Tile]);
                    (low, high) = (low + longerLow, high + longerHigh);
                }

                Store(low, high, ref matrix[i * Tile]);
            }

            Store(pull.Low, pull.High, ref Positives.Pull[p][strip * Tile]);
        }
    }

    /// <summary>The gradients of 16 anchors and 16 positives: factors × the other side.</summary>
    private void Distribute(int strip)
    {
        for (var i = strip * Tile; i < (strip + 1) * Tile; i++)
        {
            Anchors.StartGradient(i);
            Positives.StartGradient(i);
        }

        // Anchors read along the factors' rows, positives along their columns.
        var alongRows = new LeftLayout(Tile, _batch * Tile, 1);
        var alongColumns = new LeftLayout(1, Tile * Tile, Tile);
        var p = 0;
        for (var d = 0; d < Dimensions; d += Tile)
        {
            p += d == _prefixes[p] ? 1 : 0;
            for (var r = 0; r < Tile; r += RowsAtOnce)
            {
                var row = (strip * Tile) + r;
                ref var anchors = ref Anchors.Gradients[(row * Dimensions) + d];
                MultiplyAdd(ref _matrix[p][row * Tile], alongRows, ref Positives.ByDimension[d * _batch], Strips, ref anchors, ref anchors, Dimensions);
                ref var positives = ref Positives.Gradients[(row * Dimensions) + d];
                MultiplyAdd(ref _matrix[p][(strip * Tile * _batch) + r], alongColumns, ref Anchors.ByDimension[d * _batch], Strips, ref positives, ref positives, Dimensions);
            }
        }
    }

    private void ReduceRows(float[][] totals)
    {
        for (var p = 0; p < _prefixes.Count; p++)
        {
            totals[p].AsSpan().Clear();
            for (var strip = 0; strip < Strips; strip++)
            {
                TensorPrimitives.Add(totals[p], _rowParts[p].AsSpan(strip * _batch, _batch), totals[p]);
            }
        }
    }

    private int Index(int anchor, int positive) => (positive / Tile * _batch * Tile) + (anchor * Tile) + (positive % Tile);

    private Span<float> Strip(float[] matrix, int strip) => matrix.AsSpan(strip * _batch * Tile, _batch * Tile);

    private float[][] NewPerPrefix(int length) => [.. _prefixes.Select(_ => new float[length])];
}
