using System.Text.Json;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.OpenAi;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Selection;

namespace Sutra.Embedder.Bulk;

/// <summary>
/// <c>embeddings/batch</c>: a long list, embedded in chunks of which a few are under way at a time, and answered in order as they
/// are done. The first chunk decides the status; what fails later fails alone.
/// </summary>
internal sealed class BatchHandler(EmbeddingPipeline pipeline, ModelSelector selector, EmbeddingEngine engine, IOptions<DoorOptions> options)
{
    /// <summary>Texts of one chunk: enough to pack well, few enough that the first answers leave soon.</summary>
    private const int ChunkTexts = 256;

    public async Task HandleAsync(HttpContext context)
    {
        var most = options.Value.MaxBatchTexts;
        var request = await RequestBody.ReadAsync(context, body => Read(body, most));

        // Held until the end: the model stays loaded, and is the same one for all chunks.
        using var selected = await selector.SelectAsync(request.Call, context.RequestAborted);
        request = request with { Call = request.Call with { Model = selected.Model.Identity.Id } };

        // What is still under way when this ends early leaves the queue.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var chunks = new Queue<Task<EmbeddingAnswer>>();
        try
        {
            await AnswerAsync(context, request, chunks, ended.Token);
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(chunks).ContinueWith(static done => _ = done.Exception, TaskScheduler.Default);
        }
    }

    private static EmbeddingsRequest Read(JsonElement body, int most)
    {
        var request = EmbeddingsRequest.Read(body, most, failsAlone: true);
        if (!request.FailsAlone)
        {
            throw new RefusalException("on_error must be 'item' here, or be left out: the answer begins before the last text is done.", "on_error");
        }

        return request.Inputs.Texts is not null
            ? request
            : throw new RefusalException("input must be texts here; token ids are taken by /v1/embeddings.", "input");
    }

    private async Task AnswerAsync(HttpContext context, EmbeddingsRequest request, Queue<Task<EmbeddingAnswer>> chunks, CancellationToken cancellation)
    {
        // The first may be refused, as any request; those behind it wait for room.
        var answer = await pipeline.EmbedAsync(Chunk(request, 0, isPatient: false), cancellation);
        context.Response.WriteModelHeader(answer.Model);
        using var writer = new JsonResponse(context.Response, cancellation);
        EmbeddingsResponse.WriteStart(writer.Json);

        var texts = request.Inputs.Count;
        var most = 2 * Math.Max(1, engine.Workers);
        var next = ChunkTexts;
        long tokens = 0;
        var model = answer.Model.Name;
        for (var start = 0; start < texts; start += ChunkTexts)
        {
            while (next < texts && chunks.Count < most)
            {
                chunks.Enqueue(EmbedAsync(Chunk(request, next, isPatient: true), answer, cancellation));
                next += ChunkTexts;
            }

            for (var i = 0; i < answer.Items.Count; i++)
            {
                EmbeddingsResponse.WriteItem(writer.Json, answer, request, i, start + i);
                tokens += answer.Items[i].TokenCount;
                await writer.FlushIfLargeAsync();
            }

            if (chunks.TryDequeue(out var chunk))
            {
                answer = await chunk;
            }
        }

        EmbeddingsResponse.WriteEnd(writer.Json, model, tokens);
        await writer.FinishAsync();
    }

    // The status is sent already: a chunk that cannot be embedded any more gives failed items.
    private async Task<EmbeddingAnswer> EmbedAsync(EmbeddingCall call, EmbeddingAnswer like, CancellationToken cancellation)
    {
        try
        {
            return await pipeline.EmbedAsync(call, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var failure = new EmbeddedText(default, null, 0, false, e is OverloadException ? TextFailure.Late : TextFailure.ModelFailed);
            return like with { Items = [.. Enumerable.Repeat(failure, call.Count)] };
        }
    }

    private static EmbeddingCall Chunk(EmbeddingsRequest request, int start, bool isPatient)
    {
        var count = Math.Min(ChunkTexts, request.Inputs.Count - start);
        return request.Call with
        {
            Texts = new ArraySegment<string>(request.Inputs.Texts!, start, count),
            Lane = request.Call.Lane ?? Lane.Bulk,
            IsPatient = isPatient,
        };
    }
}
