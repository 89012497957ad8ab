using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Storage.Lexical;
using Sutra.Storage.Search;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Engine;

// What is read, each call as of one moment.
public sealed partial class ConceptEngine
{
    private const int MaxStackDimension = 1024;

    public EngineStatistics Statistics
    {
        get
        {
            using var view = _state.Acquire(anyhow: true);
            return EngineStatistics.Of(view, _state.Count, _log.Bytes, Failure);
        }
    }

    public bool TryGet(ConceptId id, [NotNullWhen(true)] out StoredConcept? concept) => _state.TryGet(id, out concept);

    /// <summary>
    /// The <paramref name="topK"/> nearest by cosine similarity among the model's concepts, best first, equal scores by id, as
    /// of one moment. Exact in memory; in segments by their graphs (docs/vector-index.md). Empty when the model has no concepts.
    /// </summary>
    /// <param name="query">Need not be normalised.</param>
    /// <param name="topK">1 to 1,000.</param>
    /// <param name="filter">Of which only; null for all.</param>
    /// <exception cref="InvalidConceptException">A limit is broken, or the query's dimension is not the model's.</exception>
    public IReadOnlyList<SearchHit> Search(ReadOnlySpan<float> query, string model, int topK, Filter? filter = null, CancellationToken cancellation = default)
    {
        var compiled = Compile(filter);
        ConceptChecks.Vector(query, "embedding");
        CheckModel(model, query.Length);
        CheckTopK(topK);
        var normalised = query.Length <= MaxStackDimension ? stackalloc float[query.Length] : new float[query.Length];
        query.CopyTo(normalised);
        UnitVector.Normalise(normalised);
        var started = Stopwatch.GetTimestamp();
        using var view = _state.Acquire();
        try
        {
            var found = ViewSearch.Nearest(view, normalised, model, topK, EfSearch, On(view, compiled, cancellation), cancellation);

            // Rounding can give two equal vectors a dot product just outside.
            return [.. from hit in found let concept = hit.Read() where concept is not null select new SearchHit(concept, Math.Clamp(hit.Score, -1f, 1f))];
        }
        finally
        {
            _telemetry.Searched(Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>
    /// The best by vectors and by words in one ranking, best first, equal scores by id, as of one moment. Concepts of other models are found by
    /// their words only.
    /// </summary>
    /// <param name="text">The question; may be empty, then only vectors are compared.</param>
    /// <param name="query">Need not be normalised; may be empty, then only words are.</param>
    /// <param name="model">Of the query.</param>
    /// <param name="topK">1 to 1,000.</param>
    /// <param name="expansion">Also finds what is associated with the best (docs/associations.md); null leaves it out.</param>
    /// <param name="filter">Of which only, be it on the way along associations; null for all. Frequencies of words are those of all.</param>
    /// <exception cref="InvalidConceptException">A limit is broken, or the query's dimension is not the model's.</exception>
    public SearchHits Search(
        string text,
        ReadOnlySpan<float> query,
        string model,
        int topK,
        HybridOptions? options = null,
        ExpansionOptions? expansion = null,
        Filter? filter = null,
        CancellationToken cancellation = default)
    {
        var compiled = Compile(filter);
        options ??= HybridOptions.Default;
        ConceptChecks.Question(text, query, options);
        expansion?.Check();
        if (!query.IsEmpty)
        {
            CheckModel(model, query.Length);
        }

        CheckTopK(topK);
        var normalised = query.ToArray();
        if (normalised.Length > 0)
        {
            UnitVector.Normalise(normalised);
        }

        var started = Stopwatch.GetTimestamp();
        using var view = _state.Acquire();
        try
        {
            return new HybridSearch(view, options, expansion, On(view, compiled, cancellation), cancellation)
                .Run(normalised, model, LexicalQuery.Parse(text, _options.Language), topK, EfSearch);
        }
        finally
        {
            _telemetry.Searched(Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>What a concept is associated with: by links in both directions, by what both name, by nearness. As of one moment.</summary>
    /// <param name="filter">What may be found, and be gone through; null for all. The concept itself need not pass.</param>
    /// <returns>Null when there is no such concept.</returns>
    /// <exception cref="InvalidConceptException">A limit is broken.</exception>
    public RelatedConcepts? Related(ConceptId id, RelatedOptions? options = null, Filter? filter = null, CancellationToken cancellation = default)
    {
        var compiled = Compile(filter);
        options ??= RelatedOptions.Default;
        options.Check("traversal");
        using var view = _state.Acquire();
        var traversal = new Traversal(view, options, EfSearch, On(view, compiled, cancellation), cancellation);
        if (!traversal.TryFind(id, out var seed))
        {
            return null;
        }

        var reached = traversal.Run([(seed, 1)]);
        return new RelatedConcepts([.. from found in reached let concept = found.Concept.Read() where concept is not null select new RelatedConcept(concept, found.Score, found.Path)], traversal.Complete);
    }

    /// <summary>
    /// All concepts as of the moment the enumeration begins, in no particular order. What is being enumerated keeps its files: do not let it
    /// lie about.
    /// </summary>
    /// <param name="filter">Of which only; null for all.</param>
    /// <exception cref="InvalidConceptException">The filter breaks a limit.</exception>
    public IEnumerable<StoredConcept> Scan(Filter? filter = null, CancellationToken cancellation = default) => Scan(Compile(filter), cancellation);

    /// <summary>How many concepts a filter lets through, exactly, as of one moment.</summary>
    /// <param name="filter">Null for all.</param>
    /// <exception cref="InvalidConceptException">The filter breaks a limit.</exception>
    public long Count(Filter? filter = null, CancellationToken cancellation = default)
    {
        var compiled = Compile(filter);
        using var view = _state.Acquire();
        return On(view, compiled, cancellation)?.Count() ?? view.Count;
    }

    /// <summary>What metadata there is, as of one moment. What was deleted does not count.</summary>
    /// <param name="maxValues">Values listed of a field that has at most so many different ones; 0 to <see cref="FieldSurvey.DistinctLimit"/>.</param>
    /// <exception cref="InvalidConceptException"><paramref name="maxValues"/> is out of its range.</exception>
    public FieldSurvey Fields(int maxValues, CancellationToken cancellation = default)
    {
        if (maxValues is < 0 or > FieldSurvey.DistinctLimit)
        {
            throw new InvalidConceptException("max_values", $"must be 0 to {FieldSurvey.DistinctLimit}");
        }

        using var view = _state.Acquire();
        return ViewFields.Survey(view, maxValues, cancellation);
    }

    /// <summary>Reads all there is and compares it with itself; reads and writes go on meanwhile.</summary>
    public VerificationReport Verify(CancellationToken cancellation = default)
    {
        using var view = _state.Acquire();
        return new Verification(view, cancellation).Run();
    }

    private IEnumerable<StoredConcept> Scan(CompiledFilter? filter, CancellationToken cancellation)
    {
        using var view = _state.Acquire();
        foreach (var concept in ViewScan.All(view, On(view, filter, cancellation), cancellation))
        {
            yield return concept;
        }
    }

    private static CompiledFilter? Compile(Filter? filter) => filter is null ? null : FilterCompiler.Compile(filter);

    private static ViewFilter? On(EngineView view, CompiledFilter? filter, CancellationToken cancellation) =>
        filter is null ? null : new ViewFilter(view, filter, cancellation);

    private static void CheckTopK(int topK)
    {
        if (topK is < 1 or > ConceptChecks.TopK)
        {
            throw new InvalidConceptException("top_k", $"must be 1 to {ConceptChecks.TopK}");
        }
    }
}
