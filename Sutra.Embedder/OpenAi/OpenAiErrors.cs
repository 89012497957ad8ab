using System.Globalization;
using System.Text.Json;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.OpenAi;

/// <summary>
/// Under <c>/v1</c> every failure has the OpenAI shape, whoever it comes from: our own code, the server (body too large),
/// authorization, routing.
/// </summary>
internal static partial class OpenAiErrors
{
    private const string ServerError = "server_error";

    public static IApplicationBuilder UseOpenAiErrors(this IApplicationBuilder app) => app.UseWhen(
        context => context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal),
        branch => branch.Use(HandleAsync));

    private static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        OpenAiException error;
        try
        {
            await next(context);
            if (context.Response.StatusCode < 400 || context.Response.HasStarted)
            {
                return;
            }

            error = ForStatus(context.Response.StatusCode);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // Nobody listens any more.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            error = For(e);
            if (error.Status == StatusCodes.Status500InternalServerError)
            {
                Log.Failed(context.RequestServices.GetRequiredService<ILogger<OpenAiException>>(), e);
            }
        }

        if (error.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        context.Response.StatusCode = error.Status;
        await context.Response.WriteAsJsonAsync(new OpenAiErrorBody(error.Error), OpenAiJson.Default.OpenAiErrorBody);
    }

    private static OpenAiException For(Exception exception) => exception switch
    {
        OpenAiException e => e,
        CallException e => new OpenAiException(e.Message, e.Parameter),
        UnknownModelException e => new OpenAiException(StatusCodes.Status404NotFound, OpenAiException.InvalidRequest, e.Message, "model", "model_not_found"),
        ModelUnavailableException e => new OpenAiException(StatusCodes.Status503ServiceUnavailable, ServerError, e.Message, "model", "model_unavailable") { RetryAfterSeconds = 10 },
        OverloadException e => new OpenAiException(StatusCodes.Status429TooManyRequests, "rate_limit_error", e.Message, code: "overloaded") { RetryAfterSeconds = e.RetryAfterSeconds },
        JsonException e => new OpenAiException($"The body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine}).", null),
        BadHttpRequestException e => ForStatus(e.StatusCode),
        _ => ForStatus(StatusCodes.Status500InternalServerError),
    };

    private static OpenAiException ForStatus(int status) => status switch
    {
        401 => Refused(status, "Missing or invalid credentials.", "invalid_api_key"),
        403 => Refused(status, "These credentials do not permit embedding.", "insufficient_permissions"),
        404 => Refused(status, "There is no such route.", "unknown_url"),
        405 => Refused(status, "This route does not take that method.", "method_not_supported"),
        413 => Refused(status, "The body is too large.", "request_too_large"),
        415 => Refused(status, "The body must be JSON: send Content-Type: application/json.", "unsupported_media_type"),
        < 500 => Refused(status, "The request could not be read.", null),
        _ => new OpenAiException(status, ServerError, "The embedder failed to answer.", code: "internal_error"),
    };

    private static OpenAiException Refused(int status, string message, string? code) =>
        new(status, OpenAiException.InvalidRequest, message, code: code);

    private static partial class Log
    {
        [LoggerMessage(320, LogLevel.Error, "A request failed")]
        public static partial void Failed(ILogger logger, Exception error);
    }
}
