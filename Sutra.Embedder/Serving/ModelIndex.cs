using System.Collections.Concurrent;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Serving;

/// <summary>Every model that can be asked for, each once, whether or not it is loaded, and which one a name means. Thread-safe.</summary>
internal sealed class ModelIndex(ConfiguredModels configured, IEnumerable<IModelSource> sources)
{
    private readonly IModelSource[] _sources = [configured, .. sources];
    private readonly ConcurrentDictionary<ModelPlace, string> _learned = new();
    private Snapshot? _snapshot;
    private int _learnings;

    /// <summary>The configured model first, then the sources' in their order.</summary>
    public IReadOnlyList<KnownModel> List()
    {
        // Sources give the same list while nothing changed: most requests find what an earlier one put together.
        var lists = new IReadOnlyList<AvailableModel>[_sources.Length];
        for (var i = 0; i < lists.Length; i++)
        {
            lists[i] = _sources[i].List();
        }

        var snapshot = Volatile.Read(ref _snapshot);
        var learned = Volatile.Read(ref _learnings);
        if (snapshot is null || !snapshot.IsOf(lists, learned))
        {
            snapshot = new Snapshot(lists, learned, Merge(lists.SelectMany(static list => list)));
            Volatile.Write(ref _snapshot, snapshot);
        }

        return snapshot.Models;
    }

    /// <summary>The model of that name, <c>name@revision</c> or <c>name@commit</c>; null: none, as far as revisions are known.</summary>
    public KnownModel? Find(string name)
    {
        var models = List();
        return models.FirstOrDefault(model => model.Name == name)
            ?? models.FirstOrDefault(model => model.Id == name)
            ?? models.FirstOrDefault(model => model.HasCommit(name));
    }

    /// <summary>Those that have to be loaded before anyone knows whether <paramref name="name"/> means them.</summary>
    public IEnumerable<KnownModel> MayBe(string name) => List().Where(model => model.MayBe(name));

    /// <summary>Notes the revision of a model whose source did not know it.</summary>
    public void Learn(AvailableModel model, string revision)
    {
        if (model.Revision is null && _learned.GetValueOrDefault(model.Place) != revision)
        {
            _learned[model.Place] = revision;
            Interlocked.Increment(ref _learnings);
        }
    }

    private List<KnownModel> Merge(IEnumerable<AvailableModel> models)
    {
        var merged = new List<KnownModel>();
        foreach (var model in models)
        {
            var revision = model.Revision ?? _learned.GetValueOrDefault(model.Place);
            IReadOnlyList<string> commits = model.Commit is { } commit ? [commit] : [];
            var same = merged.FindIndex(other => IsSame(other, model, revision));
            if (same < 0)
            {
                merged.Add(new KnownModel(model, revision, commits));
            }
            else
            {
                // The first one serves; what the other source knows of it is true of it, too.
                var first = merged[same];
                merged[same] = new KnownModel(first.Model, first.Revision ?? revision, [.. first.Commits.Union(commits)]);
            }
        }

        return merged;
    }

    private static bool IsSame(KnownModel known, AvailableModel model, string? revision) =>
        known.Name == model.Name
        && (known.Revision is not null && revision is not null
            ? known.Revision == revision
            : known.Model.FullPath == model.FullPath && Graph(known.Model) == Graph(model));

    private static ModelPrecision? Graph(AvailableModel model) =>
        model.Precision ?? OnnxFile.Find(file => File.Exists(Path.Combine(model.FullPath, file))).FirstOrDefault()?.Precision;

    private sealed record Snapshot(IReadOnlyList<AvailableModel>[] Lists, int Learned, IReadOnlyList<KnownModel> Models)
    {
        public bool IsOf(IReadOnlyList<AvailableModel>[] lists, int learned)
        {
            for (var i = 0; i < lists.Length; i++)
            {
                if (!ReferenceEquals(lists[i], Lists[i]))
                {
                    return false;
                }
            }

            return Learned == learned;
        }
    }
}
