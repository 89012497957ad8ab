using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Sutra.Embedder.PostProcessing;

namespace Sutra.Tests.Embedder.PostProcessing;

[TestClass]
public sealed class VectorQuantizationTests
{
    // Around every width that a vector register has.
    public static IEnumerable<object[]> Lengths => new[] { 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 256, 384, 1000 }.Select(length => new object[] { length });

    [TestMethod]
    [DynamicData(nameof(Lengths))]
    public void Every_form_equals_its_definition_component_by_component(int length)
    {
        var vector = Vector(length, seed: length);
        var largest = vector.Max(Math.Abs);
        var int8 = vector.Select(x => (sbyte)Math.Round(x * (127f / largest), MidpointRounding.ToEven)).ToArray();
        var bits = new byte[(length + 7) / 8];
        for (var i = 0; i < length; i++)
        {
            bits[i / 8] |= (byte)((vector[i] > 0 ? 0x80 : 0) >> (i % 8));
        }

        CollectionAssert.AreEqual(int8, MemoryMarshal.Cast<byte, sbyte>(VectorQuantization.Encode(vector, VectorType.Int8)).ToArray());
        CollectionAssert.AreEqual(int8.Select(q => (byte)(q + 128)).ToArray(), VectorQuantization.Encode(vector, VectorType.UInt8));
        CollectionAssert.AreEqual(bits, VectorQuantization.Encode(vector, VectorType.UBinary));
        CollectionAssert.AreEqual(
            bits.Select(b => (sbyte)(b - 128)).ToArray(), MemoryMarshal.Cast<byte, sbyte>(VectorQuantization.Encode(vector, VectorType.Binary)).ToArray());
    }

    [TestMethod]
    public void Eight_bits_keep_cosines_to_a_hundredth_and_one_bit_keeps_their_order()
    {
        var query = Vector(256, 1);
        var near = query.Zip(Vector(256, 2), (a, b) => a + (0.5f * b)).ToArray();
        var far = Vector(256, 3);
        var q8 = Int8(query);

        Assert.AreEqual(TensorPrimitives.CosineSimilarity<float>(query, near), TensorPrimitives.CosineSimilarity<float>(q8, Int8(near)), 0.01);
        Assert.AreEqual(TensorPrimitives.CosineSimilarity<float>(query, far), TensorPrimitives.CosineSimilarity<float>(q8, Int8(far)), 0.01);
        Assert.IsTrue(Hamming(query, near) < Hamming(query, far));

        static float[] Int8(float[] v) => [.. MemoryMarshal.Cast<byte, sbyte>(VectorQuantization.Encode(v, VectorType.Int8)).ToArray().Select(x => (float)x)];
        static long Hamming(float[] a, float[] b) =>
            TensorPrimitives.HammingBitDistance<byte>(VectorQuantization.Encode(a, VectorType.UBinary), VectorQuantization.Encode(b, VectorType.UBinary));
    }

    [TestMethod]
    public void A_vector_of_zeros_stays_zeros()
    {
        CollectionAssert.AreEqual(new byte[40], VectorQuantization.Encode(new float[40], VectorType.Int8));
        CollectionAssert.AreEqual(new byte[5], VectorQuantization.Encode(new float[40], VectorType.UBinary));
    }

    [TestMethod]
    public void A_cut_vector_is_the_beginning_at_unit_length_and_the_whole_one_is_not_copied()
    {
        var vector = Vector(256, 4);
        var cut = Matryoshka.Cut(vector, 64, normalise: true)!;
        Assert.AreEqual(1, TensorPrimitives.Norm<float>(cut), 1e-6);
        Assert.AreEqual(1, TensorPrimitives.CosineSimilarity<float>(cut, vector.AsSpan(0, 64)), 1e-6);
        Assert.AreSame(vector, Matryoshka.Cut(vector, 256, normalise: true));
        CollectionAssert.AreEqual(vector[..64], Matryoshka.Cut(vector, 64, normalise: false));
        Assert.IsNull(Matryoshka.Cut([0, 0, 1], 2, normalise: true), "a beginning of zeros points nowhere");
    }

    private static float[] Vector(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
