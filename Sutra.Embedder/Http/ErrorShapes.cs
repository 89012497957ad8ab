using System.Diagnostics;
using System.Globalization;
using Grpc.AspNetCore.Server;
using Sutra.Embedder.OpenAi;

namespace Sutra.Embedder.Http;

/// <summary>
/// Every failure of every HTTP route is JSON and says why: under <c>/v1</c> in OpenAI's shape, elsewhere as problem details
/// (RFC 9457) with <c>param</c>, <c>code</c> and <c>traceId</c>.
/// </summary>
internal static partial class ErrorShapes
{
    private const string OpenAiPrefix = "/v1";

    public static IApplicationBuilder UseErrorShapes(this IApplicationBuilder app) => app.UseWhen(
        // Not by what the client says that it sends.
        context => context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is null,
        branch => branch.Use(HandleAsync));

    private static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (!Thread.CurrentThread.IsThreadPoolThread)
        {
            // A worker has answered the request before this one on its connection, and is to embed, not to read.
            await Task.Yield();
        }

        context.Response.Headers["x-request-id"] = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
        RefusalException refusal;
        try
        {
            await next(context);
            if (context.Response.StatusCode < 400 || context.Response.HasStarted || context.Response.ContentType is not null)
            {
                return;
            }

            refusal = Refusals.ForStatus(context.Response.StatusCode);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // Nobody listens any more.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            refusal = Refusals.For(e);
            if (refusal.Status == StatusCodes.Status500InternalServerError && e is not RefusalException)
            {
                Log.Failed(context.RequestServices.GetRequiredService<ILogger<RefusalException>>(), e);
            }
        }

        if (refusal.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        context.Response.StatusCode = refusal.Status;
        await WriteAsync(context, refusal);
    }

    private static async Task WriteAsync(HttpContext context, RefusalException refusal)
    {
        if (context.Request.Path.StartsWithSegments(OpenAiPrefix, StringComparison.Ordinal))
        {
            await context.Response.WriteAsJsonAsync(new OpenAiErrorBody(OpenAiError.Of(refusal)), OpenAiJson.Default.OpenAiErrorBody);
            return;
        }

        var problem = new ProblemDetailsContext { HttpContext = context, ProblemDetails = { Status = refusal.Status, Detail = refusal.Message } };
        problem.ProblemDetails.Extensions["param"] = refusal.Parameter;
        problem.ProblemDetails.Extensions["code"] = refusal.Code;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(problem);
    }

    private static partial class Log
    {
        [LoggerMessage(320, LogLevel.Error, "A request failed")]
        public static partial void Failed(ILogger logger, Exception error);
    }
}
