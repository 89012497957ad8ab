using System.Buffers;
using System.Numerics.Tensors;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Search;

/// <summary>A normalised query beside its int8 codes, which bound what a row can score: no row that could be among the best is passed over.</summary>
/// <remarks>
/// With <c>q = tc + f</c> and <c>v = sd + e</c>, tc and sd being what codes and scales say: <c>q·v = tc·sd + q·e + f·sd</c>, and by Cauchy and
/// Schwarz the last two are at most <c>|e| + |f|(1 + |e|)</c>.
/// </remarks>
internal readonly ref struct CodedQuery : IDisposable
{
    // Sums of float32 are as inexact as this.
    private const float Rounding = 1e-5f;

    private readonly sbyte[] _codes;
    private readonly float _scale;
    private readonly float _error;

    public CodedQuery(ReadOnlySpan<float> query)
    {
        Vector = query;
        var stride = GraphView.CodeStride(query.Length);
        _codes = ArrayPool<sbyte>.Shared.Rent(stride);
        _scale = Int8Codec.Encode(query, _codes.AsSpan(0, stride));
        _error = ErrorOf(query, _codes, _scale);
    }

    /// <summary>Of length one.</summary>
    public ReadOnlySpan<float> Vector { get; }

    public ReadOnlySpan<sbyte> Codes => _codes.AsSpan(0, GraphView.CodeStride(Vector.Length));

    /// <summary>What a row scores at most.</summary>
    /// <param name="dot">Of its codes with those of the query.</param>
    /// <param name="scale">Of its codes.</param>
    /// <param name="error">What <see cref="ErrorOf"/> says of them.</param>
    public float Bound(int dot, float scale, float error) => (dot * (_scale * scale)) + error + (_error * (1 + error)) + Rounding;

    /// <summary>The length of what codes leave of a vector.</summary>
    public static float ErrorOf(ReadOnlySpan<float> vector, ReadOnlySpan<sbyte> codes, float scale)
    {
        var sum = 0f;
        for (var i = 0; i < vector.Length; i++)
        {
            var left = vector[i] - (codes[i] * scale);
            sum += left * left;
        }

        return MathF.Sqrt(sum);
    }

    public float Score(ReadOnlySpan<float> row) => TensorPrimitives.Dot(Vector, row);

    public void Dispose() => ArrayPool<sbyte>.Shared.Return(_codes);
}
