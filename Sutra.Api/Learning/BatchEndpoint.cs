using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Sutra.Api.Auditing;
using Sutra.Api.Errors;
using Sutra.Api.Idempotency;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Learning;

/// <summary><c>POST /api/learn/batch</c>: read, learned and answered as it comes.</summary>
internal static class BatchEndpoint
{
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
        var answer = new BatchAnswer<LearnBatchResult>(context.Response, ApiJson.Default.LearnBatchResult, asArray);
        var run = new BatchRun(learner, collection, AuditActions.LearnBatch, Caller.Of(context), options, options.MaxBatchItems);
        try
        {
            await foreach (var group in run.LearnAsync(items, cancellation))
            {
                if (group.Failure is not null && answer.Count == 0)
                {
                    ExceptionDispatchInfo.Throw(group.Failure);
                }

                await answer.WriteAsync(group.Items.Select((item, i) => Result(group.First + i, item.Line, item.Outcome)), cancellation);
            }

            await answer.EndAsync(cancellation);
        }
        finally
        {
            await answer.AbandonAsync();
        }
    }

    private static LearnBatchResult Result(int index, int? line, LearnOutcome outcome) =>
        new(index, line, outcome.ConceptId, outcome.Created, outcome.Truncated, outcome.Error?.ToContract());

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
}
