using Sutra.Api.Auditing;
using Sutra.Api.Concepts;
using Sutra.Api.Embeddings;
using Sutra.Api.Identity;
using Sutra.Api.Telemetry;
using Sutra.Contracts.Api;

namespace Sutra.Api.Querying;

/// <summary>Embed → search → rank by meaning and wording → answer from the best evidence → audit record → response.</summary>
internal sealed class QueryPipeline(EmbedderClient embedder, ConceptStoreClient store, Auditor auditor, RankingGate ranking, ApiTelemetry telemetry, TimeProvider time)
{
    private const int MinCandidates = 50;
    private const int CandidatesPerResult = 4;

    /// <summary>The most that the storage returns; looked at only when a date or number that was asked for did not come up.</summary>
    private const int WideCandidates = 1000;

    public async Task<QueryResponse> AskAsync(QueryRequest request, Caller caller, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var started = time.GetTimestamp();
        var found = await auditor.RecordFailureAsync(
            caller, AuditActions.Query, [], () => FindAsync(request, caller, cancellation));
        var response = found.Response;
        await auditor.RecordAsync(
            caller,
            AuditActions.Query,
            response.Answer is null ? AuditOutcomes.NoAnswer : AuditOutcomes.Ok,
            [.. response.Evidence.Select(evidence => evidence.ConceptId)],
            found.Model,
            cancellation);
        telemetry.QueryAnswered(response.Confidence, response.Answer is not null);
        return response with { Timing = response.Timing with { TotalMs = Milliseconds(time.GetElapsedTime(started)) } };
    }

    private async Task<(QueryResponse Response, string Model)> FindAsync(QueryRequest request, Caller caller, CancellationToken cancellation)
    {
        var question = Tokenizer.Question(request.Query!);
        var clock = time.GetTimestamp();

        Embedded embedded;
        using (ApiTelemetry.Source.StartActivity("embed"))
        {
            embedded = await embedder.EmbedAsync(request.Query!, caller, cancellation);
        }

        var embedTime = Lap(ref clock, "embed");
        var response = await ranking.RunAsync(
            () =>
            {
                Lap(ref clock, "wait");
                return AnswerAsync(question, embedded, request.TopK, embedTime, clock, caller, cancellation);
            },
            cancellation);
        return (response, embedded.Model);
    }

    private async Task<QueryResponse> AnswerAsync(
        IReadOnlyList<Term> question,
        Embedded embedded,
        int topK,
        TimeSpan embedTime,
        long clock,
        Caller caller,
        CancellationToken cancellation)
    {
        IReadOnlyList<Ranked> ranked;
        using (ApiTelemetry.Source.StartActivity("search"))
        {
            ranked = await SearchAsync(question, embedded, topK, caller, cancellation);
        }

        var searchTime = Lap(ref clock, "search");
        Answer answer;
        using (ApiTelemetry.Source.StartActivity("answer"))
        {
            answer = AnswerExtractor.Extract(question, ranked, cancellation);
        }

        var answerTime = Lap(ref clock, "answer");
        var evidence = ranked.Take(topK).Select(one => new Evidence(
            one.Candidate.ConceptId, one.Candidate.Content, Math.Round(one.Score, 4), one.Candidate.Metadata));
        var timing = new QueryTiming(Milliseconds(embedTime), Milliseconds(searchTime), Milliseconds(answerTime), 0);
        return new QueryResponse(answer.Text, answer.Confidence, [.. evidence], answer.NoAnswerReason, timing, embedded.Truncated);
    }

    private async Task<IReadOnlyList<Ranked>> SearchAsync(
        IReadOnlyList<Term> question,
        Embedded embedded,
        int topK,
        Caller caller,
        CancellationToken cancellation)
    {
        var count = Math.Max(MinCandidates, topK * CandidatesPerResult);
        var candidates = await CandidatesAsync(embedded, count, caller, cancellation);
        var ranked = Reranker.Rank(question, candidates, cancellation);
        // Fewer than asked for: that is all there is, or all that fits an answer.
        if (candidates.Count < count || !Reranker.LacksExactTerm(question, ranked))
        {
            return ranked;
        }

        var wide = await CandidatesAsync(embedded, WideCandidates, caller, cancellation);
        return Reranker.Rank(question, wide, cancellation);
    }

    private async Task<IReadOnlyList<Candidate>> CandidatesAsync(
        Embedded embedded,
        int count,
        Caller caller,
        CancellationToken cancellation)
    {
        var hits = await store.SearchAsync(embedded.Vector, embedded.Model, count, caller, cancellation);
        return [.. hits.Select(hit => new Candidate(hit.Concept.Id, hit.Concept.Content, hit.Score, hit.Concept.Metadata))];
    }

    private TimeSpan Lap(ref long clock, string stage)
    {
        var now = time.GetTimestamp();
        var took = time.GetElapsedTime(clock, now);
        clock = now;
        telemetry.QueryStage(stage, took);
        return took;
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 2);
}
