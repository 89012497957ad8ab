using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging.Abstractions;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Files;
using Sutra.Storage.Filtering;
using Sutra.Storage.Lexical;
using Sutra.Storage.Log;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;
using Sutra.Storage.Telemetry;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Engine;

/// <summary>
/// Concepts, durable and searchable. Every member may be called by any thread at any time; reads never wait for writes.
/// </summary>
public sealed partial class ConceptEngine : IDisposable
{
    private const int MaxStackDimension = 1024;

    private readonly IDisposable? _lock;
    private readonly ConceptState _state;
    private readonly WriteAheadLog _log;
    private readonly Compactor _compactor;
    private readonly SegmentOptions _options;
    private readonly CollectionSeal _seal;
    private readonly ConceptIdentity _identity;
    private readonly TimeProvider _time;
    private readonly StorageTelemetry _telemetry;
    private readonly string _model;
    private readonly int _dimension;
    private readonly IDisposable _observed;
    private int _disposed;

    private ConceptEngine(IDisposable? dataLock, ConceptState state, WriteAheadLog log, Compactor compactor, EngineOptions options, TimeProvider time, StorageTelemetry telemetry)
    {
        _lock = dataLock;
        _state = state;
        _log = log;
        _compactor = compactor;
        _options = options.Segments;
        _seal = options.Seal;
        _identity = options.Identity;
        _model = options.Model;
        _dimension = options.Dimension;
        EfSearch = options.Segments.EfSearch;
        _time = time;
        _telemetry = telemetry;
        _observed = telemetry.Observe(() => Statistics);
    }

    public RecoveryReport Recovery => _log.Recovery;

    /// <summary>Why no write is taken any more; null while they are. Reads go on.</summary>
    public string? Failure => _log.Failure?.Message;

    /// <summary>Candidates that a search keeps in each graph: more find more and take longer.</summary>
    public int EfSearch { get; set; }

    /// <summary>Nothing is on its way from memory into segments, and no segments are to become one.</summary>
    public bool IsSettled => _compactor.IsSettled;

    public EngineStatistics Statistics
    {
        get
        {
            var view = _state.Acquire();
            try
            {
                return EngineStatistics.Of(view, _state.Count, _log.Bytes, Failure);
            }
            finally
            {
                view.Release();
            }
        }
    }

    /// <summary>Takes the data folder for itself, recovers what is in it, and is ready for everything when it returns.</summary>
    /// <exception cref="FileLockedException">Another process has the folder.</exception>
    /// <exception cref="LogCorruptException">The log is damaged in a way that an interrupted write cannot explain.</exception>
    /// <exception cref="SegmentCorruptException">A segment is not what was written.</exception>
    /// <exception cref="IOException">The folder cannot be read or written; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static ConceptEngine Open(IFileSystem files, EngineOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger? logger = null)
    {
        var folder = Path.GetFullPath(options.DataPath);
        files.CreateFolder(folder);
        var dataLock = files.Lock(Path.Combine(folder, "lock"));
        try
        {
            return Open(files, folder, dataLock, options, time, telemetry, logger ?? NullLogger.Instance);
        }
        catch
        {
            dataLock.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="Open(IFileSystem, EngineOptions, TimeProvider, StorageTelemetry, ILogger?)"/>, in a folder that nobody else can take.</summary>
    internal static ConceptEngine OpenUnlocked(IFileSystem files, EngineOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger logger)
    {
        var folder = Path.GetFullPath(options.DataPath);
        files.CreateFolder(folder);
        return Open(files, folder, dataLock: null, options, time, telemetry, logger);
    }

    /// <summary>
    /// Durable and searchable when it returns. The same content again replaces the record under the same id. Cancellation counts
    /// until the record is on its way to the disk; after a <see cref="LogUnavailableException"/> it may be there or not.
    /// </summary>
    /// <exception cref="InvalidConceptException">A limit is broken; nothing was written.</exception>
    /// <exception cref="LogUnavailableException">Writes are not taken (any more).</exception>
    /// <exception cref="OwnerErasedException">The owner's concepts are being erased.</exception>
    /// <exception cref="KeyRingUnavailableException">A key is to be made, and the key ring takes no changes.</exception>
    public async Task<LearnResult> LearnAsync(NewConcept concept, CancellationToken cancellation = default)
    {
        ConceptChecks.Check(concept);
        CheckModel(concept.Model, concept.Embedding.Length);
        var payload = ConceptRecord.WriteLearn(concept, _time.GetUtcNow());
        var change = new PendingLearn(_state, payload, _identity.Key(ConceptRecord.ContentBytes(payload)), concept.Model, concept.Owner, _seal);
        _seal.Prepare(concept.Owner);
        await _state.WaitForRoomAsync(cancellation).ConfigureAwait(false);
        await _log.EnqueueAsync(change, cancellation).ConfigureAwait(false);
        return await change.Done.ConfigureAwait(false);
    }

    /// <summary>Durable when it returns true. False: there is no such concept.</summary>
    /// <inheritdoc cref="LearnAsync" path="/exception"/>
    public Task<bool> DeleteAsync(ConceptId id, CancellationToken cancellation = default) => RemoveAsync(new PendingDelete(_state, id, Now(id)), cancellation);

    public bool TryGet(ConceptId id, [NotNullWhen(true)] out StoredConcept? concept) => _state.TryGet(id, out concept);

    /// <summary>
    /// The <paramref name="topK"/> nearest by cosine similarity among the model's concepts, best first, equal scores by id, as
    /// of one moment. Exact in memory; in segments by their graphs (docs/vector-index.md). Empty when the model has no concepts.
    /// </summary>
    /// <param name="query">Need not be normalised.</param>
    /// <param name="topK">1 to 1,000.</param>
    /// <param name="filter">Of which only; null for all.</param>
    /// <exception cref="InvalidConceptException">A limit is broken, or the query's dimension is not the model's.</exception>
    public IReadOnlyList<SearchHit> Search(ReadOnlySpan<float> query, string model, int topK, Filter? filter = null)
    {
        var compiled = Compile(filter);
        ConceptChecks.Vector(query, "embedding");
        CheckModel(model, query.Length);
        CheckTopK(topK);
        var normalised = query.Length <= MaxStackDimension ? stackalloc float[query.Length] : new float[query.Length];
        query.CopyTo(normalised);
        UnitVector.Normalise(normalised);
        var started = Stopwatch.GetTimestamp();
        var view = _state.Acquire();
        try
        {
            var found = ViewSearch.Nearest(view, normalised, model, topK, EfSearch, On(view, compiled));

            // Rounding can give two equal vectors a dot product just outside.
            return [.. from hit in found let concept = hit.Read() where concept is not null select new SearchHit(concept, Math.Clamp(hit.Score, -1f, 1f))];
        }
        finally
        {
            view.Release();
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
    public IReadOnlyList<SearchHit> Search(
        string text, ReadOnlySpan<float> query, string model, int topK, HybridOptions? options = null, ExpansionOptions? expansion = null, Filter? filter = null)
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
        var view = _state.Acquire();
        try
        {
            return new HybridSearch(view, options, expansion, On(view, compiled)).Run(normalised, model, LexicalQuery.Parse(text, _options.Language), topK, EfSearch);
        }
        finally
        {
            view.Release();
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
        var view = _state.Acquire();
        try
        {
            var allowed = On(view, compiled);
            var graph = new AssociationGraph(view, options, EfSearch, allowed);
            if (!graph.TryFind(id, out var seed))
            {
                return null;
            }

            var traversal = new Traversal(graph, options, cancellation);
            var reached = traversal.Run([(seed, 1)], accepts: allowed is null ? null : allowed.Accepts);
            return new RelatedConcepts([.. from found in reached let concept = found.Concept.Read() where concept is not null select new RelatedConcept(concept, found.Score, found.Path)], traversal.Complete);
        }
        finally
        {
            view.Release();
        }
    }

    /// <summary>
    /// All concepts as of the moment the enumeration begins, in no particular order. What is being enumerated keeps its files: do not let it
    /// lie about.
    /// </summary>
    /// <param name="filter">Of which only; null for all.</param>
    /// <exception cref="InvalidConceptException">The filter breaks a limit.</exception>
    public IEnumerable<StoredConcept> Scan(Filter? filter = null) => Scan(Compile(filter));

    /// <summary>How many concepts a filter lets through, exactly, as of one moment.</summary>
    /// <param name="filter">Null for all.</param>
    /// <exception cref="InvalidConceptException">The filter breaks a limit.</exception>
    public long Count(Filter? filter = null)
    {
        var compiled = Compile(filter);
        var view = _state.Acquire();
        try
        {
            return On(view, compiled)?.Count() ?? view.Count;
        }
        finally
        {
            view.Release();
        }
    }

    /// <summary>Reads all there is and compares it with itself; reads and writes go on meanwhile.</summary>
    public VerificationReport Verify(CancellationToken cancellation = default)
    {
        var view = _state.Acquire();
        try
        {
            return new Verification(view, cancellation).Run();
        }
        finally
        {
            view.Release();
        }
    }

    /// <summary>Writes what is on its way, marks the orderly stop and lets go of the folder.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _observed.Dispose();
        _compactor.Stop();
        _log.Dispose();
        _compactor.Dispose();
        _state.Close();
        _lock?.Dispose();
    }

    private IEnumerable<StoredConcept> Scan(CompiledFilter? filter)
    {
        var view = _state.Acquire();
        try
        {
            foreach (var concept in ViewScan.All(view, On(view, filter)))
            {
                yield return concept;
            }
        }
        finally
        {
            view.Release();
        }
    }

    private static CompiledFilter? Compile(Filter? filter) => filter is null ? null : FilterCompiler.Compile(filter);

    private static ViewFilter? On(EngineView view, CompiledFilter? filter) => filter is null ? null : new ViewFilter(view, filter);

    private void CheckModel(string model, int dimension)
    {
        if (_model.Length > 0 && model != _model)
        {
            throw new InvalidConceptException("model", "must be the collection's");
        }

        if (_dimension > 0 && dimension != _dimension)
        {
            throw new InvalidConceptException("embedding", "must have the collection's dimension");
        }
    }

    private static void CheckTopK(int topK)
    {
        if (topK is < 1 or > ConceptChecks.TopK)
        {
            throw new InvalidConceptException("top_k", $"must be 1 to {ConceptChecks.TopK}");
        }
    }

    // What segments hold comes first; the log goes on from there. Only when both agree is anything removed.
    private static ConceptEngine Open(
        IFileSystem files, string folder, IDisposable? dataLock, EngineOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger logger)
    {
        var store = SegmentStore.Open(files, folder, options.Segments, options.Seal);
        var state = new ConceptState(options, store.Found, store.Checkpoint);
        WriteAheadLog? log = null;
        try
        {
            log = WriteAheadLog.Open(files, Path.Combine(folder, "log"), state, options.Log, telemetry, logger, store.Checkpoint, store.LogId);
            state.GroupApplied(log.Recovery.LastSequence);
            store.RemoveLeftovers();
            var compactor = new Compactor(store, state, log, store.Found, options, telemetry, logger);
            return new ConceptEngine(dataLock, state, log, compactor, options, time, telemetry);
        }
        catch
        {
            log?.Dispose();
            state.Close();
            throw;
        }
    }
}
