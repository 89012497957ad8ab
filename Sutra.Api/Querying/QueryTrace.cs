using System.Collections.Concurrent;
using System.Globalization;
using Sutra.Api.Understanding;
using Sutra.Contracts.Api;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Querying;

/// <summary>Notes how an answer comes about, for who asks to see it.</summary>
internal sealed class QueryTrace(TimeProvider time)
{
    private const int MaxCandidates = 50;

    private readonly ConcurrentQueue<ExplainedStage> _stages = new();
    private readonly List<ExplainedDraft> _drafts = [];

    public long Start() => time.GetTimestamp();

    public void Add(string name, long started, string? filter = null, int? found = null, IReadOnlyList<ExplainedCandidate>? candidates = null) =>
        _stages.Enqueue(new ExplainedStage(name, Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 3), filter, found, candidates ?? []));

    public void Searched(string name, long started, SearchRequest request, SearchResponse response) => Add(
        name,
        started,
        Text(request.Filter),
        response.Hits.Count,
        [.. response.Hits.Take(MaxCandidates).Select(hit => new ExplainedCandidate(
            hit.Concept.Id, hit.Score, hit.Vector?.Score ?? 0, hit.Vector?.Rank ?? 0, hit.Text?.Score ?? 0, hit.Text?.Rank ?? 0, hit.Graph?.Score ?? 0, hit.Graph?.Rank ?? 0))]);

    public void Ranked(long started, IReadOnlyList<Ranked> ranked) => Add(
        "rank",
        started,
        found: ranked.Count,
        candidates: [.. ranked.Take(MaxCandidates).Select(one => new ExplainedCandidate(
            one.Candidate.ConceptId, Math.Round(one.Score, 4), Math.Round(one.Candidate.Cosine, 4), 0, Math.Round(one.Candidate.Wording ?? 0, 4), 0, one.Candidate.Graph, 0, Math.Round(one.Coverage, 4)))]);

    public void Drafted(string kind, string? answer, double confidence, IReadOnlyList<AnswerValue> values, IReadOnlyDictionary<string, double> features) =>
        _drafts.Add(new ExplainedDraft(kind, answer, confidence, values, [.. features.Select(pair => new ExplainedFeature(pair.Key, Math.Round(pair.Value, 4)))]));

    public QueryExplanation Explain(Question question, string kind) => new(
        new QuestionReading(
            [.. question.Terms.Select(term => term.Text)],
            [.. question.Mentions.Select(mention => $"{mention.Field.Name} = {mention.Value}")],
            [.. question.Times.Select(range => string.Create(CultureInfo.InvariantCulture, $"{range.From:yyyy-MM-dd}/{range.Until:yyyy-MM-dd}"))],
            [.. question.Measures.Select(measure => new ExplainedFeature(measure.Field.Name, Math.Round(measure.Score, 4)))],
            kind,
            [.. question.Unexplained.Select(word => word.Text)]),
        [.. _stages],
        [.. _drafts]);

    /// <summary>In the form that requests have it; field and values are the asker's own.</summary>
    public static string? Text(Filter? filter) => filter is null ? null : FilterWriter.Write(filter);
}
