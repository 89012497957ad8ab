using Sutra.Api.Embeddings;
using Sutra.Api.Identity;

namespace Sutra.Api.Understanding;

/// <summary>How like words are to those that a collection's metadata and texts speak in, by their vectors: for words that no list has.</summary>
internal sealed class WordLikeness(EmbedderClient embedder)
{
    private const int MaxWords = 8;
    private const int MaxSchemaWords = 64;

    /// <returns>For each word 0 (nothing like any) to 1 (the same as one).</returns>
    public async Task<IReadOnlyList<double>> OfAsync(IReadOnlyList<string> words, MetadataCatalog catalog, Caller caller, CancellationToken cancellation)
    {
        var schema = catalog.SchemaVectors;
        if (schema is null)
        {
            var known = catalog.SchemaWords.Take(MaxSchemaWords).ToList();
            schema = known.Count == 0 ? [] : await embedder.EmbedWordsAsync(known, caller, cancellation);
            catalog.SchemaVectors = schema;
        }

        var asked = await embedder.EmbedWordsAsync([.. words.Take(MaxWords)], caller, cancellation);
        return [.. words.Select((_, i) => i < asked.Count && schema.Count > 0 ? schema.Where(one => one.Length == asked[i].Length).Select(one => Cosine.Of(one, asked[i])).DefaultIfEmpty().Max() : 0)];
    }
}
