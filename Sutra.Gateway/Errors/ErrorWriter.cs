using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Sutra.Gateway.Routing;

namespace Sutra.Gateway.Errors;

/// <summary>
/// Writes every error that the gateway itself answers: problem details (RFC 9457) or, for OpenAI's clients under
/// <c>/v1</c>, the shape that they read. Always JSON, whatever the caller said it accepts.
/// </summary>
internal sealed class ErrorWriter(IOptions<ProblemDetailsOptions> options) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        var status = http.Response.StatusCode;
        var detail = http.Features.Get<ErrorDetail>() ?? ErrorDetail.For(status);
        problem.Status = status;
        problem.Title = ReasonPhrases.GetReasonPhrase(status);
        problem.Detail ??= detail.Text;
        options.Value.CustomizeProblemDetails?.Invoke(context);

        return new ValueTask(http.Request.Path.StartsWithSegments(Routes.OpenAiPrefix, StringComparison.OrdinalIgnoreCase)
            ? http.Response.WriteAsJsonAsync(OpenAi(status, problem, detail.Code), ErrorJson.Default.OpenAiError)
            : http.Response.WriteAsJsonAsync(problem, ErrorJson.Default.ProblemDetails, "application/problem+json"));
    }

    private static OpenAiError OpenAi(int status, ProblemDetails problem, string code) => new(new OpenAiErrorBody(
        problem.Detail!,
        status >= StatusCodes.Status500InternalServerError ? "server_error" : "invalid_request_error",
        Param: null,
        code,
        problem.Extensions.TryGetValue("traceId", out var trace) ? trace as string : null));

    internal sealed record OpenAiError(OpenAiErrorBody Error);

    internal sealed record OpenAiErrorBody(
        string Message,
        string Type,
        string? Param,
        string Code,
        [property: JsonPropertyName("trace_id")] string? TraceId);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorWriter.OpenAiError))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(string))]
internal sealed partial class ErrorJson : JsonSerializerContext;
