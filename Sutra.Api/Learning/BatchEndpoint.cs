using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Idempotency;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Learning;

/// <summary><c>POST /api/learn/batch</c>: read, learned and answered as it comes.</summary>
internal static class BatchEndpoint
{
    // While one group is stored the next is embedded.
    private const int GroupsAtOnce = 2;

    // So that the limit that is told is met before the server's own.
    private const long Slack = 1024 * 1024;

    public static void MapBatchLearning(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/learn/batch", LearnAsync).RequireAuthorization(Permissions.Write).TakesIdempotencyKey();

    private static async Task LearnAsync(HttpContext context, BatchLearner learner, IOptions<LearningOptions> settings, CancellationToken cancellation)
    {
        var options = settings.Value;
        var request = context.Request;
        var asArray = IsArray(request);
        var (collection, owner) = RequestScope.Of(request);
        if (request.ContentLength > options.MaxBatchBytes)
        {
            throw new ApiProblem(
                StatusCodes.Status413PayloadTooLarge, ProblemCodes.BodyTooLarge, $"The body is larger than {options.MaxBatchBytes} bytes.");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.MaxBatchBytes + Slack;
        }

        var body = new BatchItems(request.BodyReader, options, owner);
        var items = asArray ? body.ElementsAsync(cancellation) : body.LinesAsync(cancellation);
        var answer = new BatchAnswer(context.Response, asArray);
        var groups = Channel.CreateBounded<Task<Learned>>(GroupsAtOnce - 1);
        var caller = Caller.Of(context);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = ReadAsync(items, options, new GroupLearner(learner, collection, caller), groups.Writer, stop.Token);
        try
        {
            await foreach (var group in groups.Reader.ReadAllAsync(cancellation))
            {
                var (results, failure) = await group;
                if (failure is not null && answer.Count == 0)
                {
                    ExceptionDispatchInfo.Throw(failure);
                }

                await answer.WriteAsync(results, cancellation);
            }

            await reading;
            await answer.EndAsync(cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await answer.AbandonAsync();
        }
    }

    private static async Task ReadAsync(
        IAsyncEnumerable<BatchItem> items,
        LearningOptions options,
        GroupLearner learner,
        ChannelWriter<Task<Learned>> groups,
        CancellationToken cancellation)
    {
        var group = new List<BatchItem>(options.GroupItems);
        var (bytes, count) = (0L, 0);
        Exception? failure = null;
        try
        {
            await foreach (var item in items.WithCancellation(cancellation))
            {
                if (count == options.MaxBatchItems)
                {
                    group.Add(new BatchItem(item.Line, null, new LearnItemError(
                        null, ProblemCodes.TooManyItems, $"A batch has at most {options.MaxBatchItems} items: this one and what follows was not read.", Retryable: false), 0));
                    break;
                }

                if (group.Count == options.GroupItems || (group.Count > 0 && bytes + item.Bytes > options.GroupBytes))
                {
                    await groups.WriteAsync(learner.LearnAsync(group, count - group.Count, cancellation), cancellation);
                    (group, bytes) = (new List<BatchItem>(options.GroupItems), 0);
                }

                group.Add(item);
                bytes += item.Bytes;
                count++;
            }

            if (group.Count > 0)
            {
                var first = count - group.Count(item => item.Error?.Code != ProblemCodes.TooManyItems);
                await groups.WriteAsync(learner.LearnAsync(group, first, cancellation), cancellation);
            }
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            groups.TryComplete(failure);
        }
    }

    private static bool IsArray(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var media)
        && (media.CharSet is not { } charset || charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            ? media.MediaType?.ToLowerInvariant() switch
            {
                "application/json" => true,
                "application/x-ndjson" or "application/jsonl" => false,
                _ => throw Unsupported(),
            }
            : throw Unsupported();

    private static ApiProblem Unsupported() => new(
        StatusCodes.Status415UnsupportedMediaType,
        ProblemCodes.UnsupportedMediaType,
        "The body must be in UTF-8: lines (Content-Type application/x-ndjson) or an array (application/json).");

    /// <param name="Failure">Why nothing of the group could be learned.</param>
    private sealed record Learned(IReadOnlyList<LearnBatchResult> Results, Exception? Failure);

    /// <summary>Learns group after group, until one could not be learned at all: what follows is not tried any more.</summary>
    private sealed class GroupLearner(BatchLearner learner, string? collection, Caller caller)
    {
        private volatile Exception? _failure;

        public async Task<Learned> LearnAsync(List<BatchItem> group, int first, CancellationToken cancellation)
        {
            var items = group.Where(item => item.Item is not null).Select(item => item.Item!).ToList();
            var (outcomes, failure) = items.Count == 0 ? ([], null) : await OutcomesAsync(items, cancellation);
            var results = new List<LearnBatchResult>(group.Count);
            var next = 0;
            foreach (var item in group)
            {
                var outcome = item.Item is null ? LearnOutcome.Failed(item.Error!) : outcomes[next++];
                results.Add(new LearnBatchResult(
                    first + results.Count,
                    item.Line,
                    outcome.ConceptId,
                    outcome.Created,
                    outcome.Truncated,
                    outcome.Error is { } error ? new ItemError(error.Code, error.Field, error.Message, error.Retryable) : null));
            }

            return new Learned(results, failure);
        }

        private async Task<(IReadOnlyList<LearnOutcome> Outcomes, Exception? Failure)> OutcomesAsync(List<LearnItem> items, CancellationToken cancellation)
        {
            try
            {
                if (_failure is null)
                {
                    return (await learner.LearnAsync(collection, items, caller, cancellation), null);
                }
            }
            catch (Exception e) when (e is ComponentException or ApiProblem)
            {
                _failure = e;
            }

            var problem = _failure as ApiProblem ?? ((ComponentException)_failure!).ToProblem();
            var error = new LearnItemError(null, problem.Code, problem.Message, problem.Status >= StatusCodes.Status500InternalServerError);
            return ([.. Enumerable.Repeat(LearnOutcome.Failed(error), items.Count)], _failure);
        }
    }
}
