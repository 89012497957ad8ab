using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sutra.Api.Errors;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Idempotency;

/// <summary>
/// <c>Idempotency-Key</c>: the same request with the same key gets the same answer again, without being done again. Only answers
/// of success are kept; what failed may be tried again with its key.
/// </summary>
internal sealed class IdempotencyFilter(IIdempotencyStore store, IOptions<IdempotencyOptions> options) : IEndpointFilter
{
    public const string Header = "Idempotency-Key";

    /// <summary>Says that an answer is one that was given before.</summary>
    public const string Replayed = "Idempotency-Replayed";

    private const int MaxKeyLength = 255;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!http.Request.Headers.TryGetValue(Header, out var values))
        {
            return await next(context);
        }

        if (values is not [{ Length: > 0 and <= MaxKeyLength } key] || !key.All(c => c is >= ' ' and <= '~'))
        {
            throw ApiProblem.Invalid(Header, $"The key must be one value of 1 to {MaxKeyLength} printable ASCII characters.");
        }

        var caller = http.User.GetSubject();
        var (claim, answer) = await store.BeginAsync(caller, key, http.RequestAborted);
        if (claim is null)
        {
            await ReplayAsync(http, answer);
            return Results.Empty;
        }

        await using (claim)
        {
            await RunAsync(context, next, claim);
        }

        return Results.Empty;
    }

    private async Task RunAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, IKeyClaim claim)
    {
        var http = context.HttpContext;
        var (request, response) = (http.Request.Body, http.Response.Body);
        KeptAnswer? answer = null;
        using var hash = Begin(http.Request);
        using var hashing = new HashingStream(request, hash);
        using var capture = new CapturingStream(response, options.Value.MaxAnswerBytes);
        try
        {
            (http.Request.Body, http.Response.Body) = (hashing, capture);
            if (await next(context) is IResult result)
            {
                await result.ExecuteAsync(http);
            }

            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            // What the handler had no need to read is part of the request all the same.
            await hashing.CopyToAsync(Stream.Null, http.RequestAborted);
            if (http.Response.StatusCode is >= 200 and < 300 && capture.Captured is { } body)
            {
                answer = new KeptAnswer(hash.GetHashAndReset(), http.Response.StatusCode, http.Response.ContentType, http.Response.Headers.Location, body);
            }
        }
        finally
        {
            (http.Request.Body, http.Response.Body) = (request, response);
            if (answer is not null)
            {
                await claim.KeepAsync(answer);
            }
        }
    }

    private static async Task ReplayAsync(HttpContext http, KeptAnswer? answer)
    {
        if (answer is null)
        {
            throw ApiProblem.OfField(
                StatusCodes.Status409Conflict, ProblemCodes.IdempotencyKeyInUse, Header, "A request with this key is under way; try again when it has ended.");
        }

        using var hash = Begin(http.Request);
        await using var hashing = new HashingStream(http.Request.Body, hash);
        await hashing.CopyToAsync(Stream.Null, http.RequestAborted);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(answer.Fingerprint))
        {
            throw ApiProblem.OfField(
                StatusCodes.Status422UnprocessableEntity, ProblemCodes.IdempotencyKeyReused, Header, "This key was used for another request; use a new one.");
        }

        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        http.Response.Headers[Replayed] = "true";
        if (answer.Location is { } location)
        {
            http.Response.Headers.Location = location;
        }

        await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }

    /// <summary>What of a request counts beside its body; each part with its length before it, so that none runs into the next.</summary>
    private static IncrementalHash Begin(HttpRequest request)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var media = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.Value! : "";
        foreach (var part in new[] { request.Method, request.Path.Value ?? "", request.QueryString.Value ?? "", media })
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }

        return hash;
    }
}
