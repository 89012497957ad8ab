using Sutra.Storage.Vectors;

namespace Sutra.Tests.Storage.Vectors;

[TestClass]
public sealed class CodecTests
{
    [TestMethod]
    public void Int8_codes_use_the_whole_range_and_come_back_within_half_a_step()
    {
        var random = new Random(1);
        var vector = Enumerable.Range(0, 100).Select(_ => (float)(random.NextDouble() - 0.5) * 0.01f).ToArray();
        var codes = new sbyte[128];
        codes.AsSpan().Fill(77);

        var scale = Int8Codec.Encode(vector, codes);

        Assert.AreEqual(127, codes.Max(code => Math.Abs((int)code)));
        for (var i = 0; i < vector.Length; i++)
        {
            Assert.AreEqual(vector[i], codes[i] * scale, scale * 0.501);
        }

        Assert.IsTrue(codes.AsSpan(100).ToArray().All(code => code == 0), "the padding must not count");
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(float.Epsilon)]
    public void A_vector_too_small_to_scale_becomes_zeros(float value)
    {
        var codes = new sbyte[8];
        codes.AsSpan().Fill(1);

        Assert.AreEqual(0, Int8Codec.Encode([value, value, value], codes));
        Assert.IsTrue(codes.All(code => code == 0));
    }

    [TestMethod]
    public void Binary_codes_hold_the_signs()
    {
        var code = new byte[BinaryCodec.Bytes(10)];
        code.AsSpan().Fill(0xFF);

        BinaryCodec.Encode([1, -1, 0, 2, -2, 3, 0.1f, -0.1f, -5, 5], code);

        Assert.AreEqual(8, code.Length);
        CollectionAssert.AreEqual(new byte[] { 0b0110_1001, 0b10, 0, 0, 0, 0, 0, 0 }, code);
    }

    [TestMethod]
    public void Vectors_without_a_direction_or_of_another_dimension_are_refused_and_say_why()
    {
        Assert.AreEqual(VectorFault.WrongDimension, Refusal([1, 2], 3));
        Assert.AreEqual(VectorFault.WrongDimension, Refusal([], 3));
        Assert.AreEqual(VectorFault.NotFinite, Refusal([1, float.NaN, 2], 3));
        Assert.AreEqual(VectorFault.NotFinite, Refusal([1, float.NegativeInfinity, 2], 3));
        Assert.AreEqual(VectorFault.Zero, Refusal([0, -0f, 0], 3));
    }

    [TestMethod]
    [DataRow(1e-30f)]
    [DataRow(1e-44f)]
    [DataRow(1e30f)]
    [DataRow(float.MaxValue)]
    public void Vectors_of_any_length_become_unit_vectors(float size)
    {
        var target = new float[16];

        UnitVector.Write([size, -size, size, size], 4, target);

        Assert.AreEqual(0.5f, target[0], 1e-6f);
        Assert.AreEqual(-0.5f, target[1], 1e-6f);
        Assert.AreEqual(0, target[4]);
    }

    private static VectorFault Refusal(float[] vector, int dimension) =>
        Assert.ThrowsExactly<InvalidVectorException>(() => UnitVector.Write(vector, dimension, new float[16])).Fault;
}
