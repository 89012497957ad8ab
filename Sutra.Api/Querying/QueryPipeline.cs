using Sutra.Api.Auditing;
using Sutra.Api.Calibration;
using Sutra.Api.Collections;
using Sutra.Api.Embeddings;
using Sutra.Api.Identity;
using Sutra.Api.Planning;
using Sutra.Api.Telemetry;
using Sutra.Api.Understanding;
using Sutra.Contracts.Api;
using Sutra.Contracts.Embedding.V1;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Querying;

/// <summary>Read the question by the collection's metadata → embed → compute or find → how sure → audit record → response.</summary>
internal sealed class QueryPipeline(
    EmbedderClient embedder,
    CollectionDirectory collections,
    CatalogCache catalogs,
    Planner planner,
    Retrieval retrieval,
    WordLikeness likeness,
    Auditor auditor,
    RankingGate ranking,
    ApiTelemetry telemetry,
    TimeProvider time)
{
    private const double Unknown = 0.2;

    /// <param name="filter">The request's, read.</param>
    public async Task<QueryResponse> AskAsync(QueryRequest request, Filter? filter, Caller caller, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var started = time.GetTimestamp();
        var found = await auditor.RecordFailureAsync(
            caller, AuditActions.Query, [], () => collections.UseAsync(request.Collection, caller, info => FindAsync(request, filter, info, caller, cancellation), cancellation));
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

    private async Task<(QueryResponse Response, string Model)> FindAsync(QueryRequest request, Filter? filter, CollectionInfo collection, Caller caller, CancellationToken cancellation)
    {
        var trace = request.Explain ? new QueryTrace(time) : null;
        var clock = time.GetTimestamp();
        var embedding = EmbedAsync(request, collection, caller, cancellation);
        var (question, catalog) = await ReadAsync(request, caller, cancellation);
        trace?.Add("understand", clock);
        var embedded = await embedding;
        var embedTime = Lap(ref clock, "embed");
        var ask = new Asked(request, filter, question, catalog, embedded, trace, caller);
        var response = await ranking.RunAsync(
            () =>
            {
                Lap(ref clock, "wait");
                return AnswerAsync(ask, embedTime, clock, cancellation);
            },
            cancellation);
        return (response, embedded.Model);
    }

    private async Task<Embedded> EmbedAsync(QueryRequest request, CollectionInfo collection, Caller caller, CancellationToken cancellation)
    {
        using var activity = ApiTelemetry.Source.StartActivity("embed");
        return await embedder.EmbedAsync(request.Query!, collection.EmbeddingModel, InputType.Query, "query", caller, cancellation);
    }

    private async Task<(Question Question, MetadataCatalog Catalog)> ReadAsync(QueryRequest request, Caller caller, CancellationToken cancellation)
    {
        using var activity = ApiTelemetry.Source.StartActivity("understand");
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var catalog = await catalogs.GetAsync(request.Collection, caller, knows: true, cancellation);
        var question = QuestionReader.Read(request.Query!, catalog, today);
        if (question.Unexplained.Any(word => word.IsName))
        {
            // It may have been learned just now.
            var newer = await catalogs.GetAsync(request.Collection, caller, knows: false, cancellation);
            if (!ReferenceEquals(newer, catalog))
            {
                return (QuestionReader.Read(request.Query!, newer, today), newer);
            }
        }

        return (question, catalog);
    }

    private async Task<QueryResponse> AnswerAsync(Asked ask, TimeSpan embedTime, long clock, CancellationToken cancellation)
    {
        Draft? draft;
        using (ApiTelemetry.Source.StartActivity("search"))
        {
            draft = await PlannedAsync(ask, cancellation);
            if (draft is null or { IsFinal: false })
            {
                draft = Better(await RetrievedAsync(ask, cancellation), draft, ask.Question);
            }
        }

        var searchTime = Lap(ref clock, "search");
        var answered = draft.Text is not null && draft.Confidence >= ConfidenceModel.Fitted.Threshold;
        var timing = new QueryTiming(Milliseconds(embedTime), Milliseconds(searchTime - draft.AnswerTime), Milliseconds(draft.AnswerTime), 0);
        telemetry.QueryStage("answer", draft.AnswerTime);
        return new QueryResponse(
            answered ? draft.Text : null,
            draft.Confidence,
            [.. draft.Evidence.Take(ask.Request.TopK)],
            answered ? null : draft.Reason ?? "The evidence is too far from the question.",
            timing,
            ask.Embedded.Truncated)
        {
            Citations = answered ? draft.Citations : [],
            Values = answered ? draft.Values : [],
            Kind = draft.Kind,
            Explanation = ask.Trace?.Explain(ask.Question, draft.Kind),
        };
    }

    /// <returns>Null: the question is not one of metadata.</returns>
    private async Task<Draft?> PlannedAsync(Asked ask, CancellationToken cancellation)
    {
        if (ask.Request.Mode == QueryModes.Retrieve)
        {
            return null;
        }

        var started = time.GetTimestamp();
        var planned = await planner.AnswerAsync(ask.Question, ask.Catalog, ask.Filter, ask.Request.Collection, ask.Caller, cancellation);
        if (planned is null)
        {
            return null;
        }

        ask.Trace?.Add($"plan_{planned.Kind}", started, QueryTrace.Text(planned.Filter), planned.Records);
        var unexplained = await StrangeAsync(Unexplained(ask.Question, planned.Evidence), ask, cancellation);
        var features = Features.OfPlan(ask.Question, planned, unexplained);
        var confidence = planned.Text is null ? 0 : ConfidenceModel.Fitted.OfPlan(features);

        // Whoever is named and not known must not be answered for by somebody else, nor what is asked for and not known by another field, however sure the rest is.
        confidence = unexplained.Any(one => one.Word.IsName || one.Word == ask.Question.Asked) ? Math.Min(confidence, Unknown) : confidence;
        ask.Trace?.Drafted(planned.Kind, planned.Text, confidence, planned.Values, features);
        var evidence = planned.Evidence.Select((concept, i) => new Evidence(concept.Id, concept.Content, Math.Round(1 - (0.01 * i), 4), concept.Metadata));
        return new Draft(planned.Kind, planned.Text, confidence, Reason(ask.Question, unexplained) ?? planned.Reason, [.. evidence])
        {
            Citations = planned.Citations,
            Values = planned.Values,

            // Metadata that say there is nothing are not overruled by a text that is somehow near.
            IsFinal = planned.Text is null || confidence >= ConfidenceModel.Fitted.Threshold,
        };
    }

    private async Task<Draft> RetrievedAsync(Asked ask, CancellationToken cancellation)
    {
        var ranked = await retrieval.FindAsync(
            ask.Question, ask.Catalog, ask.Embedded, ask.Filter, ask.Request.Collection, ask.Request.TopK, ask.Trace, ask.Caller, cancellation);
        var started = time.GetTimestamp();
        ask.Trace?.Ranked(started, ranked);
        using var activity = ApiTelemetry.Source.StartActivity("answer");
        var answer = AnswerExtractor.Extract(ask.Question.Terms, ranked, cancellation);
        var evidence = ranked.Take(ask.Request.TopK).Select(one => new Evidence(
            one.Candidate.ConceptId, one.Candidate.Content, Math.Round(one.Score, 4), one.Candidate.Metadata)).ToList();
        if (ranked.Count == 0)
        {
            return new Draft(PlanKinds.Retrieval, null, 0, answer.NoAnswerReason, evidence) { AnswerTime = time.GetElapsedTime(started) };
        }

        var features = Features.OfRetrieval(ask.Question, ranked, answer);
        var citations = new List<Citation>();
        var at = 0;
        foreach (var (start, end) in answer.Places)
        {
            citations.Add(new Citation(ranked[0].Candidate.ConceptId, ranked[0].Candidate.Metadata.GetValueOrDefault("source"), start, end, at, at + end - start));
            at += end - start + 1;
        }

        var confidence = ConfidenceModel.Fitted.OfRetrieval(features);
        confidence = answer.Text is null ? Math.Min(confidence, answer.Confidence) : confidence;
        ask.Trace?.Drafted(PlanKinds.Retrieval, answer.Text, confidence, [], features);
        return new Draft(
            PlanKinds.Retrieval,
            answer.Text,
            confidence,
            answer.NoAnswerReason ?? Reason(ask.Question, Unexplained(ask.Question, [], ranked[0].Candidate.Content)),
            evidence)
        {
            Citations = citations,
            AnswerTime = time.GetElapsedTime(started),
        };
    }

    /// <summary>The surer one; what speaks against a computed answer is told before what speaks against a text.</summary>
    private static Draft Better(Draft retrieved, Draft? planned, Question question) =>
        planned is null ? retrieved
        : retrieved.Text is not null && retrieved.Confidence >= ConfidenceModel.Fitted.Threshold && Mentions(retrieved, question.Asked) ? retrieved
        : planned with
        {
            // What a computed answer does not mention, a text may.
            Reason = question.Asked is not null && Mentions(retrieved, question.Asked) ? retrieved.Reason : planned.Reason,
            Evidence = retrieved.Evidence,
            Kind = retrieved.Kind,
            Text = null,
            Confidence = Mentions(retrieved, question.Asked) ? Math.Max(planned.Confidence, retrieved.Confidence) : Math.Min(Math.Max(planned.Confidence, retrieved.Confidence), Unknown),
            AnswerTime = retrieved.AnswerTime,
        };

    /// <summary>No field is what is asked for; a sentence that only says what a field says does not become the answer by being a text.</summary>
    private static bool Mentions(Draft retrieved, UnexplainedWord? asked) =>
        asked is null || retrieved.Evidence.Count == 0 || (Tokenizer.Offered(retrieved.Evidence[0].Content) is var offered && (offered.Contains(Stemmer.Stem(asked.Text.ToLowerInvariant())) || offered.Contains(asked.Text.ToLowerInvariant())));

    /// <summary>What the question says that neither the metadata nor the language nor the evidence explains.</summary>
    private static List<(UnexplainedWord Word, double Strangeness)> Unexplained(Question question, IReadOnlyList<Concept> evidence, string? content = null)
    {
        if (question.Unexplained.Count == 0)
        {
            return [];
        }

        var offered = Tokenizer.Offered(content ?? (evidence.Count > 0 ? evidence[0].Content : ""));
        return [.. question.Unexplained.Where(word => !offered.Contains(Stemmer.Stem(word.Text.ToLowerInvariant())) && !offered.Contains(word.Text.ToLowerInvariant())).Select(word => (word, 1.0))];
    }

    /// <summary>A word that no list has may still be one for what the records are about; a name is not.</summary>
    private async Task<IReadOnlyList<(UnexplainedWord Word, double Strangeness)>> StrangeAsync(
        IReadOnlyList<(UnexplainedWord Word, double Strangeness)> unexplained, Asked ask, CancellationToken cancellation)
    {
        var words = unexplained.Where(one => !one.Word.IsName).Select(one => one.Word.Text.ToLowerInvariant()).ToList();
        if (words.Count == 0)
        {
            return unexplained;
        }

        var alike = await likeness.OfAsync(words, ask.Catalog, ask.Caller, cancellation);
        var next = 0;
        return [.. unexplained.Select(one => one.Word.IsName ? one : (one.Word, 1 - alike[next++]))];
    }

    private static string? Reason(Question question, IReadOnlyList<(UnexplainedWord Word, double Strangeness)> unexplained)
    {
        if (unexplained.FirstOrDefault(one => one.Word.IsName).Word is { } name)
        {
            // "Zorblat Point" is one name, though a point is a word.
            var (first, last) = (name.Place, name.Place);
            while (last + 1 < question.Tokens.Count && IsPart(last, last + 1))
            {
                last++;
            }

            return $"Nothing is known about {question.Text[question.Tokens[first].Start..question.Tokens[last].End]}.";
        }

        if (question.Asked is { } asked && unexplained.Any(one => one.Word == asked))
        {
            return $"The question asks for {asked.Text}, and nothing that is known says that.";
        }

        return unexplained.Count > 0 ? $"The evidence does not mention {string.Join(", ", unexplained.Select(one => one.Word.Text).Distinct(StringComparer.Ordinal).Take(3))}." : null;

        bool IsPart(int one, int next) =>
            char.IsUpper(question.Tokens[next].Text[0]) && question.Text.AsSpan(question.Tokens[one].End, question.Tokens[next].Start - question.Tokens[one].End) is (" " or "-");
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

    private sealed record Asked(
        QueryRequest Request, Filter? Filter, Question Question, MetadataCatalog Catalog, Embedded Embedded, QueryTrace? Trace, Caller Caller);

    private sealed record Draft(string Kind, string? Text, double Confidence, string? Reason, IReadOnlyList<Evidence> Evidence)
    {
        public IReadOnlyList<Citation> Citations { get; init; } = [];

        public IReadOnlyList<AnswerValue> Values { get; init; } = [];

        public TimeSpan AnswerTime { get; init; }

        public bool IsFinal { get; init; }
    }
}
