using Sutra.Embedder.Pooling;

namespace Sutra.Tests.Embedder.Pooling;

[TestClass]
public sealed class VectorPoolingTests
{
    [TestMethod]
    [DataRow(1, 4)]
    [DataRow(3, 5)]
    [DataRow(17, 33)]
    [DataRow(512, 384)]
    public void The_mean_is_the_mean_of_every_column(int tokens, int dimensions)
    {
        var random = new Random(3);
        var hidden = Enumerable.Range(0, tokens * dimensions).Select(_ => (random.NextSingle() * 2) - 1).ToArray();
        var mean = new float[dimensions];
        VectorPooling.Mean(hidden, mean);
        for (var d = 0; d < dimensions; d++)
        {
            Assert.AreEqual(Enumerable.Range(0, tokens).Average(t => (double)hidden[(t * dimensions) + d]), mean[d], 1e-5);
        }
    }

    [TestMethod]
    public void Normalising_gives_unit_length()
    {
        float[] vector = [3, 4, 0];
        Assert.IsTrue(VectorPooling.TryNormalise(vector));
        CollectionAssert.AreEqual(new[] { 0.6f, 0.8f, 0f }, vector);
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void What_has_no_direction_is_refused_and_left_alone(float value)
    {
        float[] vector = [value, 0];
        Assert.IsFalse(VectorPooling.TryNormalise(vector));
        CollectionAssert.AreEqual(new[] { value, 0 }, vector);
    }
}
