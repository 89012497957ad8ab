using System.Collections.Concurrent;
using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Concepts;
using Sutra.Api.Identity;
using Sutra.Api.Planning;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Understanding;

/// <summary>
/// The catalogs of collections. One is as old as <see cref="Fresh"/> at most when it is first asked for; an older one is used while a newer one is read, so that
/// no question waits, but for a name that it does not know.
/// </summary>
internal sealed class CatalogCache(ConceptStoreClient store, ServiceIdentity service, TimeProvider time)
{
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>How long one is used that could not be replaced meanwhile.</summary>
    public static readonly TimeSpan Usable = TimeSpan.FromMinutes(1);

    /// <summary>How often unknown names may make one be read again.</summary>
    public static readonly TimeSpan Unknown = TimeSpan.FromSeconds(1);

    private const int MaxValues = 10_000;
    private const int Samples = 48;
    private const int MaxCollections = 256;
    private const double MostlyShare = 0.95;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <param name="knows">False: something was asked for that the catalog does not have; an older one than <see cref="Unknown"/> is read again.</param>
    /// <exception cref="ComponentException">The storage failed.</exception>
    public async ValueTask<MetadataCatalog> GetAsync(string? collection, Caller caller, bool knows, CancellationToken cancellation)
    {
        var key = collection ?? "";
        if (_entries.TryGetValue(key, out var entry))
        {
            var age = time.GetElapsedTime(entry.Read);
            if (age <= (knows ? Fresh : Unknown))
            {
                return entry.Catalog;
            }

            if (knows && age <= Usable)
            {
                Refresh(key, collection, entry);
                return entry.Catalog;
            }
        }

        return await ReadAsync(key, collection, caller, cancellation);
    }

    private void Refresh(string key, string? collection, Entry entry)
    {
        if (Interlocked.Exchange(ref entry.Refreshing, 1) == 0)
        {
            _ = RefreshAsync();
        }

        async Task RefreshAsync()
        {
            try
            {
                await ReadAsync(key, collection, service.Caller, CancellationToken.None);
            }
            catch (ComponentException)
            {
                // Whoever asks when this one is too old is told.
                Interlocked.Exchange(ref entry.Refreshing, 0);
            }
        }
    }

    private async Task<MetadataCatalog> ReadAsync(string key, string? collection, Caller caller, CancellationToken cancellation)
    {
        var read = time.GetTimestamp();
        var catalog = await ReadAsync(collection, caller, cancellation);
        if (_entries.Count >= MaxCollections)
        {
            _entries.Clear();
        }

        // An empty collection is likely to be filled now.
        if (catalog.Fields.Count > 0)
        {
            _entries[key] = new Entry(catalog, read);
        }

        return catalog;
    }

    private async Task<MetadataCatalog> ReadAsync(string? collection, Caller caller, CancellationToken cancellation)
    {
        FieldsResponse response;
        try
        {
            response = await store.FieldsAsync(new FieldsRequest { Collection = collection ?? "", MaxValues = MaxValues }, caller, cancellation);
        }
        catch (ComponentException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            // An older storage: texts are found all the same.
            return MetadataCatalog.Empty;
        }

        var fields = response.Fields.Select(Field).ToList();
        if (fields.Count == 0)
        {
            return MetadataCatalog.Empty;
        }

        var samples = await SamplesAsync(fields, collection, caller, cancellation);
        var vocabulary = new ContentVocabulary(fields);
        foreach (var sample in samples)
        {
            vocabulary.Add(sample);
        }

        fields = [.. fields.Select(vocabulary.Describe)];
        var schema = fields.Where(field => field.Kind == CatalogFieldKind.Number).SelectMany(field => field.Parts.Concat(field.Context.Keys))
            .Concat(fields.SelectMany(field => field.Parts)).Concat(vocabulary.CommonWords).Distinct(StringComparer.Ordinal);
        return new MetadataCatalog(fields, AliasesOf(fields, samples), vocabulary.CommonWords, schema);
    }

    private async Task<IReadOnlyList<Concept>> SamplesAsync(List<CatalogField> fields, string? collection, Caller caller, CancellationToken cancellation)
    {
        var measure = fields.Where(field => field.Kind == CatalogFieldKind.Number).MaxBy(field => field.Concepts);
        var scan = new ScanRequest { Collection = collection ?? "" };
        if (measure is not null)
        {
            scan.Filter = MetadataFilters.Exists(measure);
        }

        return (await store.ScanAsync(scan, Samples, caller, cancellation)).Concepts;
    }

    private static CatalogField Field(FieldInfo info)
    {
        var kind = info.Times >= MostlyShare * info.Concepts ? CatalogFieldKind.Time
            : info.Numbers >= MostlyShare * info.Concepts ? CatalogFieldKind.Number
            : info.Values.Count > 0 && !info.DistinctCapped ? CatalogFieldKind.Category
            : CatalogFieldKind.Text;
        // Filters name a key that begins with $ by another $ before it.
        var name = info.Name.StartsWith("$$", StringComparison.Ordinal) ? info.Name[1..] : info.Name;
        return new CatalogField(name, kind, info.Concepts, info.Distinct, kind == CatalogFieldKind.Category ? [.. info.Values] : [])
        {
            Oldest = info.Times > 0 ? Day(info.MinTime) : null,
            Newest = info.Times > 0 ? Day(info.MaxTime) : null,
        };
    }

    private static DateOnly Day(long milliseconds) =>
        DateOnly.FromDateTime(DateTime.UnixEpoch.AddMilliseconds(Math.Clamp(milliseconds, -62_135_596_800_000, 253_402_300_799_000)));

    /// <summary>Fields with equally many values, each of which always comes with the same one of the other.</summary>
    private static List<IReadOnlyList<CatalogField>> AliasesOf(List<CatalogField> fields, IReadOnlyList<Concept> samples)
    {
        var groups = new List<IReadOnlyList<CatalogField>>();
        var left = fields.Where(field => field is { Kind: CatalogFieldKind.Category, Distinct: >= 2 }).ToList();
        while (left.Count > 0)
        {
            var same = left.Where(other => ReferenceEquals(other, left[0]) || AreAliases(left[0], other, samples)).ToList();
            left.RemoveAll(same.Contains);
            if (same.Count > 1)
            {
                groups.Add(same);
            }
        }

        return groups;
    }

    private static bool AreAliases(CatalogField one, CatalogField other, IReadOnlyList<Concept> samples)
    {
        if (one.Distinct != other.Distinct || one.Concepts != other.Concepts)
        {
            return false;
        }

        var there = new Dictionary<string, string>(StringComparer.Ordinal);
        var back = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            if (sample.Metadata.TryGetValue(one.Name, out var a) && sample.Metadata.TryGetValue(other.Name, out var b)
                && (!string.Equals(Known(there, a, b), b, StringComparison.Ordinal) || !string.Equals(Known(back, b, a), a, StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return there.Count > 0;

        static string Known(Dictionary<string, string> map, string key, string value) => map.TryGetValue(key, out var known) ? known : map[key] = value;
    }

    private sealed class Entry(MetadataCatalog catalog, long read)
    {
        public int Refreshing;

        public MetadataCatalog Catalog => catalog;

        public long Read => read;
    }
}
