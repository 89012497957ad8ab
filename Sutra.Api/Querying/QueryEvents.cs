using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Generation;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Querying;

/// <summary>
/// A query's answer as server-sent events: <c>evidence</c>, <c>answer</c> (one for each sentence; their texts together are the answer), <c>done</c> (everything else).
/// What goes wrong once the stream has begun is an <c>error</c> with problem details. When the asker goes away the work ends.
/// </summary>
internal sealed class QueryEvents(QueryRequest request, Filter? filter, QueryPipeline pipeline, AnswerGenerator generator, Caller caller) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var cancellation = httpContext.RequestAborted;
        httpContext.Response.ContentType = "text/event-stream; charset=utf-8";
        httpContext.Response.Headers.CacheControl = "no-store";
        httpContext.Response.Headers["X-Accel-Buffering"] = "no";
        await httpContext.Response.StartAsync(cancellation);
        try
        {
            var response = await pipeline.AskAsync(request, filter, caller, cancellation);
            await SendAsync(httpContext, "evidence", JsonSerializer.Serialize(new QueryEvidenceEvent(response.Evidence), ApiJson.Default.QueryEvidenceEvent));
            response = request.Generate ? await generator.WriteAsync(request, response, caller, SendPartAsync, cancellation) : response;
            if (response.Generation is not { Outcome: GenerationOutcomes.Generated or GenerationOutcomes.Partial })
            {
                foreach (var part in Parts(response.Answer))
                {
                    await SendPartAsync(part);
                }
            }

            await SendAsync(httpContext, "done", JsonSerializer.Serialize(response with { Evidence = [] }, ApiJson.Default.QueryResponse));
        }
        catch (Exception e) when (e is ApiProblem or ComponentException && !cancellation.IsCancellationRequested)
        {
            var problem = e as ApiProblem ?? ((ComponentException)e).ToProblem();
            var details = new ProblemDetails { Status = problem.Status, Type = ProblemCodes.Type(problem.Code), Detail = problem.Message, Extensions = { ["code"] = problem.Code } };
            details.Extensions["traceId"] = System.Diagnostics.Activity.Current?.TraceId.ToHexString();
            if (problem.Component is { } component)
            {
                details.Extensions["component"] = component;
            }

            await SendAsync(httpContext, "error", JsonSerializer.Serialize(details, JsonSerializerOptions.Web));
        }

        Task SendPartAsync(string part) => SendAsync(httpContext, "answer", JsonSerializer.Serialize(new QueryAnswerEvent(part), ApiJson.Default.QueryAnswerEvent));
    }

    /// <summary>Sentences, with the space behind them.</summary>
    private static IEnumerable<string> Parts(string? answer)
    {
        if (answer is null)
        {
            yield break;
        }

        var from = 0;
        foreach (var sentence in Sentences.Split(answer))
        {
            var end = answer.IndexOf(sentence, from, StringComparison.Ordinal) + sentence.Length;
            while (end < answer.Length && char.IsWhiteSpace(answer[end]))
            {
                end++;
            }

            yield return answer[from..end];
            from = end;
        }
    }

    private static async Task SendAsync(HttpContext context, string name, string json)
    {
        // JSON has no line breaks, so one data line is enough.
        await context.Response.WriteAsync($"event: {name}\ndata: {json}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
