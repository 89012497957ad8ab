using System.Globalization;
using Grpc.Core;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Tests.Api;

/// <summary>Searching by vector and words, filters, scans and what metadata there is; plainly, by going through everything.</summary>
internal sealed partial class FakeStorage
{
    /// <summary>Concepts sent by the scan that sent most.</summary>
    public int MostScanned { get; private set; }

    public int FieldsCalls { get; private set; }

    public override async Task<SearchResponse> Search(SearchRequest request, ServerCallContext context)
    {
        Enter(context);
        SearchSizes.Enqueue(request.TopK);
        SearchTexts.Enqueue(request.Text);
        if (Gate is { } gate)
        {
            await gate;
        }

        var words = Words(request.Text).Distinct(StringComparer.Ordinal).ToList();
        var candidates = _concepts.Values.Where(concept => Passes(concept, request.Filter)).ToList();
        var texts = candidates.ToDictionary(concept => concept.Id, concept => Words(concept.Content).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var rarity = words.ToDictionary(word => word, word => Math.Log(1 + (candidates.Count / (1.0 + texts.Values.Count(text => text.Contains(word))))), StringComparer.Ordinal);
        var found = candidates.Select(concept => (
            Concept: concept,
            Cosine: request.Embedding.Count > 0 && concept.Model == request.Model ? Dot(concept.Embedding, request.Embedding) : 0,
            Text: words.Where(texts[concept.Id].Contains).Sum(word => rarity[word]))).ToList();
        var vector = found.Where(hit => request.Embedding.Count > 0 && hit.Concept.Model == request.Model).OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.Concept.Id, StringComparer.Ordinal).Take(request.TopK);
        var text = found.Where(hit => hit.Text > 0).OrderByDescending(hit => hit.Text).ThenBy(hit => hit.Concept.Id, StringComparer.Ordinal).Take(request.TopK);
        var best = Math.Max(found.Select(hit => hit.Text).DefaultIfEmpty().Max(), 1e-9);
        var response = new SearchResponse();
        response.Hits.AddRange(vector.Union(text)
            .Select(hit => new SearchHit
            {
                Concept = WithoutEmbedding(hit.Concept),
                Score = words.Count == 0 ? hit.Cosine : (float)((hit.Text / best) + (0.8 * hit.Cosine)),
                Vector = words.Count == 0 ? null : new LegScore { Score = hit.Cosine },
                Text = words.Count == 0 ? null : new LegScore { Score = (float)hit.Text },
            })
            .OrderByDescending(hit => hit.Score)
            .ThenBy(hit => hit.Concept.Id, StringComparer.Ordinal)
            .Take(request.TopK));
        return response;
    }

    public override async Task Scan(ScanRequest request, IServerStreamWriter<Concept> responseStream, ServerCallContext context)
    {
        Enter(context);
        var sent = 0;
        foreach (var concept in _concepts.Values.Where(concept => Passes(concept, request.Filter)))
        {
            await responseStream.WriteAsync(request.WithEmbedding ? concept : WithoutEmbedding(concept), context.CancellationToken);
            MostScanned = Math.Max(MostScanned, ++sent);
        }
    }

    public override Task<FieldsResponse> Fields(FieldsRequest request, ServerCallContext context)
    {
        Enter(context);
        FieldsCalls++;
        var most = request.MaxValues == 0 ? 1000 : request.MaxValues;
        var response = new FieldsResponse();
        foreach (var field in _concepts.Values.SelectMany(concept => concept.Metadata).GroupBy(pair => pair.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var values = field.Select(pair => pair.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            var numbers = field.Select(pair => Number(pair.Value)).OfType<double>().ToList();
            var times = field.Select(pair => Time(pair.Value)).OfType<DateTimeOffset>().Select(time => time.ToUnixTimeMilliseconds()).ToList();
            var info = new FieldInfo
            {
                Name = field.Key.StartsWith('$') ? $"${field.Key}" : field.Key,
                Concepts = field.Count(),
                Distinct = values.Count,
                Numbers = numbers.Count,
                Times = times.Count,
                MinNumber = numbers.DefaultIfEmpty().Min(),
                MaxNumber = numbers.DefaultIfEmpty().Max(),
                MinTime = times.DefaultIfEmpty().Min(),
                MaxTime = times.DefaultIfEmpty().Max(),
            };
            if (values.Count <= most)
            {
                info.Values.AddRange(values);
            }

            response.Fields.Add(info);
        }

        return Task.FromResult(response);
    }

    private static bool Passes(Concept concept, Filter? filter) => filter?.TestCase switch
    {
        null or Filter.TestOneofCase.None => true,
        Filter.TestOneofCase.And => filter.And.Filters_.All(one => Passes(concept, one)),
        Filter.TestOneofCase.Or => filter.Or.Filters_.Any(one => Passes(concept, one)),
        Filter.TestOneofCase.Not => !Passes(concept, filter.Not),
        Filter.TestOneofCase.Equal => Value(concept, filter.Equal.Field) == filter.Equal.Value,
        Filter.TestOneofCase.In => Value(concept, filter.In.Field) is { } value && filter.In.Values.Contains(value),
        Filter.TestOneofCase.Prefix => Value(concept, filter.Prefix.Field)?.StartsWith(filter.Prefix.Value, StringComparison.Ordinal) == true,
        Filter.TestOneofCase.Exists => Value(concept, filter.Exists) is not null,
        _ => Value(concept, filter.Range.Field) is { } value && IsWithin(value, filter.Range),
    };

    private static bool IsWithin(string value, FieldRange range)
    {
        double? Key(string text) => Time(range.HasGte ? range.Gte : range.HasGt ? range.Gt : range.HasLt ? range.Lt : range.Lte) is null ? Number(text) : Time(text)?.UtcTicks;
        return Key(value) is { } key
            && (!range.HasGt || key > Key(range.Gt)) && (!range.HasGte || key >= Key(range.Gte)) && (!range.HasLt || key < Key(range.Lt)) && (!range.HasLte || key <= Key(range.Lte));
    }

    private static string? Value(Concept concept, string field) => field switch
    {
        "$id" => concept.Id,
        "$model" => concept.Model,
        ['$', '$', ..] => concept.Metadata.TryGetValue(field[1..], out var system) ? system : null,
        _ => concept.Metadata.TryGetValue(field, out var value) ? value : null,
    };

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static DateTimeOffset? Time(string text) =>
        text.Length >= 10 && text[4] == '-' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static IEnumerable<string> Words(string text) =>
        text.ToLowerInvariant().Split([' ', '.', ',', '?', '!', '\n', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd('s'));
}
