using System.ClientModel;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Sutra.Api.Auditing;
using Sutra.Api.Identity;
using Sutra.Api.Telemetry;
using Sutra.Contracts.Api;

namespace Sutra.Api.Generation;

/// <summary>
/// Has a language model write an answer again that there is, out of its evidence, and believes it only what the evidence says. What is left of it after that check is the
/// answer; when nothing is, or the model fails, the answer stays what it was, and says so.
/// </summary>
internal sealed partial class AnswerGenerator(
    IServiceProvider services,
    IOptions<GenerationOptions> options,
    Auditor auditor,
    GenerationTelemetry generation,
    ApiTelemetry telemetry,
    TimeProvider time,
    ILogger<AnswerGenerator> logger)
{
    private const int MaxCharacters = 16 * 1024;
    private const int MaxSentences = 8;

    private readonly IChatClient? _client = services.GetService<IChatClient>();

    /// <summary>A language model is configured.</summary>
    public bool IsAvailable => _client is not null;

    /// <param name="found">The answer without a model, which is on record.</param>
    /// <param name="send">Gets each part of the answer as soon as it is known to be one; null: nobody waits for parts. It gets nothing when the answer stays what it was.</param>
    /// <exception cref="Errors.ApiProblem">503: that evidence is sent to the model could not be put on record, so it was not.</exception>
    public async Task<QueryResponse> WriteAsync(QueryRequest request, QueryResponse found, Caller caller, Func<string, Task>? send, CancellationToken cancellation)
    {
        var model = options.Value.Model!;
        if (found.Answer is null || found.Evidence.Count == 0)
        {
            generation.Answered(GenerationOutcomes.NotAsked, GenerationCodes.NoAnswerToWrite);
            return found with { Generation = new QueryGeneration(GenerationOutcomes.NotAsked, GenerationCodes.NoAnswerToWrite, GenerationCodes.Reason(GenerationCodes.NoAnswerToWrite), model) };
        }

        var evidence = NumberedEvidence.Of(found, options.Value.MaxEvidence);
        await auditor.RecordAsync(
            caller, AuditActions.Generate, AuditOutcomes.Ok, [.. found.Evidence.Take(options.Value.MaxEvidence).Select(one => one.ConceptId)], model, cancellation);
        var started = time.GetTimestamp();
        var draft = new Draft(new EvidenceCheck(request.Query!, found.Answer, evidence));
        var failure = await WriteAsync(draft, request, evidence, send, cancellation);
        var took = time.GetElapsedTime(started);
        telemetry.QueryStage("generate", took);
        return Finish(found, draft, failure, model) with
        {
            Timing = found.Timing with { GenerateMs = Math.Round(took.TotalMilliseconds, 2), TotalMs = Math.Round(found.Timing.TotalMs + took.TotalMilliseconds, 2) },
        };
    }

    private QueryResponse Finish(QueryResponse found, Draft draft, Failure? failure, string model)
    {
        var code = failure?.Code ?? draft.Objection;
        var outcome = draft.Answer.Length == 0 ? GenerationOutcomes.Extractive : code is null ? GenerationOutcomes.Generated : GenerationOutcomes.Partial;
        code ??= outcome == GenerationOutcomes.Extractive ? GenerationCodes.ModelFoundNone : null;
        generation.Answered(outcome, code);
        if (outcome == GenerationOutcomes.Extractive)
        {
            Log.Extractive(logger, code!, failure?.Error ?? "", draft.Dropped);
        }
        else if (outcome == GenerationOutcomes.Partial)
        {
            Log.Partial(logger, code!, failure?.Error ?? "", draft.Dropped);
        }

        var state = new QueryGeneration(outcome, code, code is null ? null : GenerationCodes.Reason(code), model, draft.Dropped);
        return outcome == GenerationOutcomes.Extractive
            ? found with { Generation = state }
            : found with { Generation = state, Answer = draft.Answer.ToString(), Citations = draft.Citations };
    }

    /// <returns>What went wrong with the call; null: nothing did.</returns>
    private async Task<Failure?> WriteAsync(Draft draft, QueryRequest request, IReadOnlyList<NumberedEvidence> evidence, Func<string, Task>? send, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var activity = generation.Start();
        var started = time.GetTimestamp();
        var sentences = new GeneratedSentences();
        var usage = new UsageDetails();
        ChatFinishReason? finish = null;
        Failure? failure = null;
        try
        {
            await using var updates = UpdatesAsync(GenerationPrompt.Of(request.Query!, evidence), isStream: send is not null, both.Token).GetAsyncEnumerator(both.Token);
            while (failure is null)
            {
                try
                {
                    if (!await updates.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (Exception e) when (!cancellation.IsCancellationRequested)
                {
                    failure = FailureOf(e);
                    break;
                }

                var update = updates.Current;
                finish = update.FinishReason ?? finish;
                foreach (var content in update.Contents)
                {
                    if (content is UsageContent { Details: { } details })
                    {
                        usage.Add(details);
                    }

                    failure ??= content is ErrorContent ? new Failure(GenerationCodes.Refused, "refusal") : null;
                }

                await TakeAsync(draft, sentences.Add(update.Text), send);
                failure ??= sentences.Length > MaxCharacters || draft.Count > MaxSentences ? new Failure(GenerationCodes.TooLong, "length") : null;
            }
        }
        finally
        {
            var error = cancellation.IsCancellationRequested ? "cancelled" : failure?.Code;
            generation.Called(activity, time.GetElapsedTime(started), usage, finish, error);
        }

        // Every endpoint ends a message with a reason; what has none is no message.
        failure ??= finish is null ? new Failure(GenerationCodes.Failed, "no_finish_reason") : null;
        failure ??= finish == ChatFinishReason.ContentFilter ? new Failure(GenerationCodes.Refused, "content_filter") : null;
        if (failure is null && finish != ChatFinishReason.Length)
        {
            await TakeAsync(draft, sentences.End(), send);
        }

        // What was cut off in its middle is no sentence.
        return failure ?? (finish == ChatFinishReason.Length ? new Failure(GenerationCodes.TooLong, "max_tokens") : null);
    }

    private async Task TakeAsync(Draft draft, IEnumerable<GeneratedSentence> sentences, Func<string, Task>? send)
    {
        foreach (var sentence in sentences)
        {
            if (draft.Take(sentence, generation) is { } part && send is not null)
            {
                await send(part);
            }
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> UpdatesAsync(IReadOnlyList<ChatMessage> messages, bool isStream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var chat = new ChatOptions { Temperature = options.Value.Temperature, MaxOutputTokens = options.Value.MaxOutputTokens };
        if (!isStream)
        {
            foreach (var update in (await _client!.GetResponseAsync(messages, chat, cancellation)).ToChatResponseUpdates())
            {
                yield return update;
            }

            yield break;
        }

        await foreach (var update in _client!.GetStreamingResponseAsync(messages, chat, cancellation))
        {
            yield return update;
        }
    }

    /// <summary>By kind: an endpoint's own words may be the asker's.</summary>
    private static Failure FailureOf(Exception error) => error switch
    {
        OperationCanceledException => new Failure(GenerationCodes.TimedOut, "timeout"),
        ClientResultException { Status: 429 or 503 } e => new Failure(GenerationCodes.Busy, $"status {e.Status}"),
        ClientResultException { Status: >= 300 and < 500 } e => new Failure(GenerationCodes.Refused, $"status {e.Status}"),
        ClientResultException { Status: >= 500 } e => new Failure(GenerationCodes.Failed, $"status {e.Status}"),
        ClientResultException or HttpRequestException or IOException => new Failure(GenerationCodes.Unreachable, (error.InnerException ?? error).GetType().Name),
        _ => new Failure(GenerationCodes.Failed, error.GetType().Name),
    };

    /// <param name="Error">For operators: a status or the name of a type, no text.</param>
    private sealed record Failure(string Code, string Error);

    /// <summary>The answer so far.</summary>
    private sealed class Draft(EvidenceCheck check)
    {
        private readonly List<Citation> _citations = [];

        public StringBuilder Answer { get; } = new();

        public IReadOnlyList<Citation> Citations => _citations;

        public int Count { get; private set; }

        public int Dropped { get; private set; }

        /// <summary>Code of what was first found wrong with what was written.</summary>
        public string? Objection { get; private set; }

        /// <returns>What the answer grows by; null when the sentence is left out.</returns>
        public string? Take(GeneratedSentence sentence, GenerationTelemetry generation)
        {
            if (sentence.Text.TrimEnd('.', '!').Equals(GenerationPrompt.NoAnswer, StringComparison.OrdinalIgnoreCase))
            {
                Objection ??= GenerationCodes.ModelFoundNone;
                return null;
            }

            Count++;
            var space = Answer.Length == 0 ? "" : " ";
            var verdict = check.Check(sentence, Answer.Length + space.Length, out var citations);
            generation.Sentence(verdict);
            if (verdict != SentenceVerdict.Supported)
            {
                Dropped++;
                Objection ??= verdict == SentenceVerdict.NotCited ? GenerationCodes.NotCited : GenerationCodes.NotSupported;
                return null;
            }

            _citations.AddRange(citations);
            Answer.Append(space).Append(sentence.Text);
            return space + sentence.Text;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2411, LogLevel.Warning, "The extractive answer was given instead of a language model's: {Code} {Error}; {Dropped} sentences were left out")]
        public static partial void Extractive(ILogger logger, string code, string error, int dropped);

        [LoggerMessage(2412, LogLevel.Information, "A language model's answer was given in part: {Code} {Error}; {Dropped} sentences were left out")]
        public static partial void Partial(ILogger logger, string code, string error, int dropped);
    }
}
