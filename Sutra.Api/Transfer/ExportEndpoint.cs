using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Transfer;

/// <summary><c>GET /api/collections/{name}/export</c>: all concepts as lines, as of one moment, sent as they are read.</summary>
internal static class ExportEndpoint
{
    private const int FlushBytes = 64 * 1024;

    // Lines are no part of a page: what is not ASCII need not be written as escapes.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void MapExport(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/collections/{name}/export", ExportAsync).RequireAuthorization(Permissions.Admin);

    private static async Task ExportAsync(
        string name, HttpContext context, CollectionStoreClient store, Auditor auditor, CancellationToken cancellation)
    {
        var withEmbeddings = WithEmbeddings(context.Request);
        auditor.RequireAvailable();
        var caller = Caller.Of(context);
        await using var concepts = await auditor.RecordFailureAsync(caller, AuditActions.Export, [], () => BeginAsync());
        await auditor.RecordAsync(caller, AuditActions.Export, AuditOutcomes.Ok, [], model: null, cancellation);
        context.Response.ContentType = $"{ConceptLines.MediaType}; charset=utf-8";
        await context.Response.StartAsync(cancellation);
        try
        {
            await WriteAsync(context.Response, concepts, withEmbeddings, cancellation);
        }
        catch (ComponentException)
        {
            // An end that looks like one would be taken for all there is.
            context.Abort();
        }

        // What is wrong with the collection shows when the first concept is asked for, while there still can be a problem.
        async Task<Concepts> BeginAsync()
        {
            try
            {
                await store.GetAsync(name, caller, cancellation);
                var request = new ScanRequest { Collection = name, WithEmbedding = withEmbeddings };
                var scan = store.ScanAsync(request, caller, cancellation).GetAsyncEnumerator(cancellation);
                return new Concepts(scan, await scan.MoveNextAsync());
            }
            catch (ComponentException e)
            {
                throw CollectionProblems.Of(e);
            }
        }
    }

    private static async Task WriteAsync(HttpResponse response, Concepts concepts, bool withEmbeddings, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(response.BodyWriter, s_json);
        for (var more = concepts.Any; more; more = await concepts.Scan.MoveNextAsync())
        {
            JsonSerializer.Serialize(json, ConceptLines.Write(concepts.Scan.Current, withEmbeddings), ApiJson.Default.ConceptLine);
            json.Flush();
            json.Reset();
            response.BodyWriter.Write("\n"u8);
            if (response.BodyWriter.UnflushedBytes >= FlushBytes)
            {
                await response.BodyWriter.FlushAsync(cancellation);
            }
        }
    }

    private static bool WithEmbeddings(HttpRequest request)
    {
        var errors = new FieldErrors();
        var asked = RequestScope.One(request, "embeddings", errors);
        if (asked is not (null or "true" or "false"))
        {
            errors.Add("embeddings", "It is true or false.");
        }

        errors.ThrowIfAny();
        return asked == "true";
    }

    /// <summary>A scan that stands at its first concept, if there is any.</summary>
    private sealed record Concepts(IAsyncEnumerator<Concept> Scan, bool Any) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Scan.DisposeAsync();
    }
}
