using System.Numerics.Tensors;
using Sutra.Models.Eval.Sets;

namespace Sutra.Models.Eval.Systems;

/// <summary>
/// A model whose queries say as much by a word as the searched collection does: Σ IDF(word) · vector of the word alone, made unit, over the words
/// that BM25 counts, with its IDF. Training weighs words by how rare they are in general; what nearly every heading of a collection has
/// ("… Cheat Sheet") would outweigh what tells its documents apart. Documents stay as they are, so nothing need be embedded anew when the
/// collection grows. For models that add up words, as static ones do.
/// </summary>
internal sealed class WordsByIdf(IEmbeddingSystem inner) : IEmbeddingSystem
{
    public string Name => inner.Name + ", words by IDF";

    public IReadOnlyList<int> Cuts => inner.Cuts;

    public VectorTable Embed(IReadOnlyList<string> texts) => inner.Embed(texts);

    /// <summary>Where no word is left or known, the whole query's vector.</summary>
    public VectorTable EmbedQueries(IndexedSet indexed)
    {
        var whole = inner.EmbedQueries(indexed);
        var queries = indexed.Set.Queries.Select(q => WordAnalyzer.Words(q.Text)).ToArray();
        string[] distinct = [.. queries.SelectMany(words => words.Select(word => word.Text)).Distinct(StringComparer.Ordinal)];
        var places = distinct.Index().ToDictionary(d => d.Item, d => d.Index, StringComparer.Ordinal);
        var vectors = inner.Embed(distinct);
        var values = new float[whole.Values.Length];
        for (var query = 0; query < queries.Length; query++)
        {
            var sum = values.AsSpan(query * whole.Dimensions, whole.Dimensions);
            foreach (var word in queries[query])
            {
                var vector = vectors[places[word.Text]];
                var length = TensorPrimitives.Norm(vector);
                TensorPrimitives.MultiplyAdd(vector, length > 0 ? indexed.Terms.Idf(word.Term) / length : 0, sum, sum);
            }

            if (TensorPrimitives.Norm<float>(sum) == 0)
            {
                whole[query].CopyTo(sum);
            }
        }

        return new VectorTable(values, Cuts);
    }
}
