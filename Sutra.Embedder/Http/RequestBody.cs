using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Http;

/// <summary>Reads JSON bodies within the limits on size and slowness.</summary>
internal static class RequestBody
{
    /// <summary>Bytes a second under which a sender is slow.</summary>
    private const int SlowBytes = 240;

    // Many clients look for an answer only when they have sent everything; were the connection closed before, they would see
    // a broken pipe instead of the 413. Up to here what they send is read and thrown away after the answer.
    private const long MaxDiscardedBytes = 64 << 20;

    private static readonly JsonDocumentOptions Json = new() { AllowDuplicateProperties = false };

    /// <summary>What <paramref name="read"/> makes of the body.</summary>
    /// <exception cref="RefusalException">It is no JSON, or not what <paramref name="read"/> expects.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, Func<JsonElement, T> read)
    {
        CheckHeaders(context.Request);
        Limit(context);
        try
        {
            var budget = context.RequestServices.GetRequiredService<BodyBudget>();
            using var body = await JsonDocument.ParseAsync(budget.Count(context), Json, context.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object
                ? read(body.RootElement)
                : throw new RefusalException("The body must be a JSON object.", null);
        }
        catch (IOException e) when (e is not Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            // A chunk's size that fits no number, or a connection that is gone.
            throw Refusals.ForStatus(StatusCodes.Status400BadRequest);
        }
        catch (InvalidOperationException)
        {
            // How the reader says that a name is half a surrogate pair, or not UTF-8.
            throw new RefusalException("The body has a name that is not valid Unicode.", null, "invalid_json");
        }
    }

    /// <summary>Content-Encoding and charset that nothing here can read.</summary>
    public static void CheckEncoding(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusalException(
                StatusCodes.Status415UnsupportedMediaType, "The body must not be compressed: send it without Content-Encoding.", code: "unsupported_encoding");
        }

        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.Charset is { HasValue: true } charset
            && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && !charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))
        {
            throw Refusals.ForStatus(StatusCodes.Status415UnsupportedMediaType);
        }
    }

    private static void CheckHeaders(HttpRequest request)
    {
        if (!request.HasJsonContentType())
        {
            throw Refusals.ForStatus(StatusCodes.Status415UnsupportedMediaType);
        }

        CheckEncoding(request);
    }

    private static void Limit(HttpContext context)
    {
        var services = context.RequestServices;
        long most = services.GetRequiredService<IOptions<EmbedderOptions>>().Value.MaxBodyBytes;
        var tooLarge = context.Request.ContentLength > most;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = tooLarge && context.Request.ContentLength <= MaxDiscardedBytes ? context.Request.ContentLength : most;
        }

        if (tooLarge)
        {
            throw new RefusalException(StatusCodes.Status413PayloadTooLarge, $"The body is too large: the most is {most} bytes.", code: "request_too_large");
        }

        // Over HTTP/2 the rate is one for all streams of a connection.
        if (!HttpProtocol.IsHttp2(context.Request.Protocol) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = new MinDataRate(SlowBytes, services.GetRequiredService<IOptions<DoorOptions>>().Value.BodyGrace);
        }
    }
}
