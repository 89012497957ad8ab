using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Selection;

namespace Sutra.Embedder.Bulk;

/// <summary>
/// <c>embeddings/stream</c>: a line in, a line out, in the same order, both at the same time. No more is read than is under way
/// or waits to be taken, so a caller who does not read is not read from either.
/// </summary>
internal sealed class StreamHandler(
    EmbeddingPipeline pipeline, ModelSelector selector, IOptions<DoorOptions> options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int SlowBytes = 240;

    /// <summary>What lines of JSON are called; the first is what answers are.</summary>
    public static string[] Types { get; } = ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/json"];

    public async Task HandleAsync(HttpContext context)
    {
        CheckType(context.Request);
        var settings = StreamSettings.Read(context.Request.Query);

        // Held until the end: the model stays loaded, and is the same one for all texts.
        using var selected = await selector.SelectAsync(settings.Call, context.RequestAborted);
        var call = settings.Call with { Model = selected.Model.Identity.Id, Lane = settings.Call.Lane ?? Lane.Bulk, IsPatient = true };
        EmbeddingPipeline.DimensionsOf(selected.Model, call);
        Prefixes.For(selected.Model.Folder, call);

        Unlimit(context);
        context.Response.ContentType = "application/x-ndjson";
        context.Response.WriteModelHeader(selected.Model.Identity);

        // The head leaves now: a caller may wait for it before the first line is sent.
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);

        using var stream = new TextStream(pipeline, call, settings.Base64, options.Value, time, context.RequestAborted);
        await stream.RunAsync(context.Request.BodyReader, context.Response.BodyWriter, lifetime.ApplicationStopping);
    }

    private static void CheckType(HttpRequest request)
    {
        RequestBody.CheckEncoding(request);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !Types.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase))
        {
            throw new RefusalException(
                StatusCodes.Status415UnsupportedMediaType, "The body must be lines of JSON in UTF-8: send Content-Type: application/x-ndjson.", code: "unsupported_media_type");
        }
    }

    // A stream may be of any length and stand still at times: it has limits of its own.
    private void Unlimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } incoming)
        {
            incoming.MinDataRate = null;
        }

        if (!HttpProtocol.IsHttp2(context.Request.Protocol) && context.Features.Get<IHttpMinResponseDataRateFeature>() is { } outgoing)
        {
            // Kestrel looks once a second.
            var grace = options.Value.StreamIdle > TimeSpan.FromSeconds(2) ? options.Value.StreamIdle : TimeSpan.FromSeconds(2);
            outgoing.MinDataRate = new MinDataRate(SlowBytes, grace);
        }
    }
}
