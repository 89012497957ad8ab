namespace Sutra.Models.Eval.Systems;

/// <summary>In how many of a collection's documents each index term occurs.</summary>
/// <param name="documents">How many there are.</param>
/// <param name="frequencies">By term; terms that no document has are not in it.</param>
internal sealed class TermFrequencies(int documents, IReadOnlyDictionary<string, int> frequencies)
{
    /// <summary>ln(1 + (N − df + ½) / (df + ½)): above 0, and highest for what the collection does not have.</summary>
    public float Idf(string term)
    {
        var frequency = frequencies.GetValueOrDefault(term);
        return MathF.Log(1 + ((documents - frequency + 0.5f) / (frequency + 0.5f)));
    }
}
