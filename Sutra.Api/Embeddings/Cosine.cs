namespace Sutra.Api.Embeddings;

internal static class Cosine
{
    /// <param name="one">Of unit length.</param>
    /// <param name="other">Of unit length, of as many dimensions.</param>
    /// <returns>0 to 1; what is opposed is as far as what has nothing in common.</returns>
    public static double Of(float[] one, float[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += one[i] * other[i];
        }

        return Math.Clamp(sum, 0, 1);
    }
}
