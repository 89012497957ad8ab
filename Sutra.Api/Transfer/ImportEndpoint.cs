using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Sutra.Api.Auditing;
using Sutra.Api.Collections;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Transfer;

/// <summary>
/// <c>POST /api/collections/{name}/import</c>: lines of an export, of any number, learned as they come. What is wrong with one is told, and the others are imported.
/// </summary>
internal static class ImportEndpoint
{
    /// <summary>Errors that have a line in the answer: it is kept while the caller still sends, and must not grow without end.</summary>
    public const int MostTold = 10_000;

    public static void MapImport(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/collections/{name}/import", ImportAsync).RequireAuthorization(Permissions.Admin);

    private static async Task ImportAsync(
        string name, HttpContext context, CollectionDirectory collections, BatchLearner learner, IOptions<LearningOptions> options, CancellationToken cancellation)
    {
        RequireLines(context.Request);
        var caller = Caller.Of(context);
        await collections.FindAsync(name, caller, cancellation);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        var answer = new BatchAnswer<ImportLine>(context.Response, ApiJson.Default.ImportLine, asArray: false);
        var run = new BatchRun(learner, name, AuditActions.Import, caller, options.Value, maxItems: int.MaxValue);
        var (created, replaced, failed) = (0L, 0L, 0L);
        try
        {
            await foreach (var group in run.LearnAsync(ItemsAsync(context.Request.BodyReader, cancellation), cancellation))
            {
                if (group.Failure is not null && created + replaced + failed == 0)
                {
                    ExceptionDispatchInfo.Throw(group.Failure);
                }

                foreach (var (line, outcome) in group.Items)
                {
                    created += outcome is { Error: null, Created: true } ? 1 : 0;
                    replaced += outcome is { Error: null, Created: false } ? 1 : 0;
                    if (outcome.Error is { } error && failed++ < MostTold)
                    {
                        await answer.WriteAsync([new ImportLine(line, error.ToContract())], cancellation);
                    }
                }
            }

            var summary = new ImportSummary(created, replaced, failed, Math.Max(0, failed - MostTold));
            await answer.WriteAsync([new ImportLine(null, null, summary)], cancellation);
            await answer.EndAsync(cancellation);
        }
        finally
        {
            await answer.AbandonAsync();
        }
    }

    private static async IAsyncEnumerable<BatchItem> ItemsAsync(PipeReader body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var line in JsonLines.ReadAsync(body, long.MaxValue, cancellation))
        {
            yield return ConceptLines.Read(line);
        }
    }

    private static void RequireLines(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var media)
            || media.MediaType?.ToLowerInvariant() is not (ConceptLines.MediaType or "application/jsonl")
            || (media.CharSet is { } charset && !charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ApiProblem(
                StatusCodes.Status415UnsupportedMediaType,
                ProblemCodes.UnsupportedMediaType,
                $"The body must be lines of JSON in UTF-8: Content-Type {ConceptLines.MediaType}.");
        }
    }
}
