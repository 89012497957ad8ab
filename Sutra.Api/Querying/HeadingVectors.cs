using System.Collections.Concurrent;
using Sutra.Api.Clients;
using Sutra.Api.Embeddings;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Querying;

/// <summary>
/// How near headings are to a question. A section's text is long, and its vector blurs what it is about; its heading says so in a few words. Sections come up
/// again and again, so their headings' vectors are kept, and a question seldom waits for one.
/// </summary>
internal sealed class HeadingVectors(EmbedderClient embedder)
{
    private const int MaxHeadings = 64;
    private const int MaxCharacters = 256;

    /// <summary>Most numbers kept, 16 MiB; beyond that everything is forgotten and begins anew.</summary>
    private const int MaxNumbers = 4 * 1024 * 1024;

    private readonly ConcurrentDictionary<(string Model, string Heading), float[]> _vectors = new();
    private int _numbers;

    /// <param name="hits">Those of the question's model count; of many headings the first ones.</param>
    /// <returns>Cosines by heading; those without a vector are left out.</returns>
    /// <exception cref="ComponentException">The embedder is away, or refused.</exception>
    public async ValueTask<IReadOnlyDictionary<string, double>> CompareAsync(Embedded question, IEnumerable<SearchHit> hits, Caller caller, CancellationToken cancellation)
    {
        var headings = hits.Select(hit => Section.Of(hit.Concept.Metadata)?.Heading).OfType<string>().Where(heading => heading.Length <= MaxCharacters)
            .Distinct(StringComparer.Ordinal).Take(MaxHeadings).ToList();
        var cosines = new Dictionary<string, double>(headings.Count, StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var heading in headings)
        {
            if (_vectors.TryGetValue((question.Model, heading), out var vector))
            {
                Add(heading, vector);
            }
            else
            {
                missing.Add(heading);
            }
        }

        if (missing.Count > 0)
        {
            var vectors = await embedder.EmbedPhrasesAsync(missing, question.Model, caller, cancellation);
            for (var i = 0; i < missing.Count; i++)
            {
                Keep((question.Model, missing[i]), vectors[i]);
                Add(missing[i], vectors[i]);
            }
        }

        return cosines;

        void Add(string heading, float[] vector)
        {
            if (vector.Length > 0 && vector.Length == question.Vector.Length)
            {
                cosines[heading] = Cosine.Of(vector, question.Vector);
            }
        }
    }

    private void Keep((string Model, string Heading) key, float[] vector)
    {
        // One without a vector costs something, too.
        if (Interlocked.Add(ref _numbers, vector.Length + 64) > MaxNumbers)
        {
            _vectors.Clear();
            Volatile.Write(ref _numbers, 0);
        }

        _vectors[key] = vector;
    }
}
