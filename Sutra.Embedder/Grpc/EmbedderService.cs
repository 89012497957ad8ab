using System.Threading.Channels;
using Grpc.Core;
using Sutra.Contracts.Embedding.V1;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Grpc;

/// <summary>The embedder for the other services. A call's deadline and its cancellation take its texts out of the queue.</summary>
internal sealed class EmbedderService(EmbeddingEngine engine, IHostApplicationLifetime lifetime) : Contracts.Embedding.V1.Embedder.EmbedderBase
{
    /// <summary>
    /// Texts of one stream that may be under way; the next message is read when one of them has been answered and the answer
    /// taken, so a client that is faster than the embedder, or slow to read, is held back by HTTP/2's own flow control.
    /// </summary>
    private const int StreamConcurrency = 64;

    public override async Task<EmbedResponse> Embed(EmbedRequest request, ServerCallContext context)
    {
        Check(request.Model);
        if (request.Texts.Count is 0 or > EmbedderOptions.MaxTextsPerRequest)
        {
            throw Error(StatusCode.InvalidArgument, $"texts has {request.Texts.Count} entries; it must have 1 to {EmbedderOptions.MaxTextsPerRequest}.");
        }

        for (var i = 0; i < request.Texts.Count; i++)
        {
            if (request.Texts[i].Length == 0)
            {
                throw Error(StatusCode.InvalidArgument, $"texts[{i}] is empty.");
            }
        }

        try
        {
            var embeddings = await engine.EmbedAsync(request.Texts, context.CancellationToken);
            var response = new EmbedResponse { Model = engine.Model.Id };
            foreach (var embedding in embeddings)
            {
                response.Embeddings.Add(Message(embedding));
            }

            return response;
        }
        catch (UnembeddableTextException e)
        {
            throw Error(StatusCode.InvalidArgument, $"texts[{e.Index}] {e.Reason}");
        }
        catch (QueueFullException e)
        {
            throw Error(StatusCode.ResourceExhausted, e.Message);
        }
        catch (InferenceException e)
        {
            throw Error(StatusCode.Internal, e.Message);
        }
        catch (OperationCanceledException)
        {
            throw Error(StatusCode.Cancelled, "The call was cancelled.");
        }
    }

    public override async Task EmbedStream(
        IAsyncStreamReader<EmbedStreamRequest> requestStream,
        IServerStreamWriter<EmbedStreamResponse> responseStream,
        ServerCallContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);

        // A stream that its client leaves open would hold up the stop for as long as the host waits: no more is read of it then.
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, lifetime.ApplicationStopping);
        using var slots = new SemaphoreSlim(StreamConcurrency);
        var answers = Channel.CreateBounded<EmbedStreamResponse>(StreamConcurrency);
        Exception? failure = null;
        var isComplete = false;
        var writing = WriteAsync();
        try
        {
            while (true)
            {
                await slots.WaitAsync(reading.Token);
                var answering = false;
                try
                {
                    if (!await requestStream.MoveNext(reading.Token))
                    {
                        isComplete = true;
                        break;
                    }

                    answering = true;
                }
                finally
                {
                    // Also when the caller goes away between two texts, or the last slot would be waited for below for ever.
                    if (!answering)
                    {
                        slots.Release();
                    }
                }

                _ = AnswerAsync(requestStream.Current);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !ended.IsCancellationRequested)
        {
            // The embedder stops: what was read is still answered.
        }
        catch (Exception e)
        {
            await GiveUpAsync(e);
        }

        // Every slot back: every text answered, or given up.
        for (var i = 0; i < StreamConcurrency; i++)
        {
            await slots.WaitAsync(CancellationToken.None);
        }

        answers.Writer.Complete();
        await writing;
        if (!isComplete || ended.IsCancellationRequested)
        {
            throw lifetime.ApplicationStopping.IsCancellationRequested ? Error(StatusCode.Unavailable, "The embedder stops.")
                : failure is null or OperationCanceledException
                ? Error(StatusCode.Cancelled, "The call was cancelled.")
                : Error(StatusCode.Internal, "The stream failed.");
        }

        // What is under way for a caller who is gone leaves the queue.
        async Task GiveUpAsync(Exception reason)
        {
            failure ??= reason;
            await ended.CancelAsync();
        }

        async Task AnswerAsync(EmbedStreamRequest request)
        {
            try
            {
                // There is a slot for each answer, so the channel always has room.
                await answers.Writer.WriteAsync(await EmbedOneAsync(request, ended.Token), CancellationToken.None);
            }
            catch (Exception e)
            {
                await GiveUpAsync(e);
                slots.Release();
            }
        }

        async Task WriteAsync()
        {
            await foreach (var answer in answers.Reader.ReadAllAsync(CancellationToken.None))
            {
                try
                {
                    if (!ended.IsCancellationRequested)
                    {
                        await responseStream.WriteAsync(answer, ended.Token);
                    }
                }
                catch (Exception e)
                {
                    await GiveUpAsync(e);
                }
                finally
                {
                    slots.Release();
                }
            }
        }
    }

    public override Task<GetInfoResponse> GetInfo(GetInfoRequest request, ServerCallContext context) => Task.FromResult(new GetInfoResponse
    {
        Model = engine.Model.Id,
        Revision = engine.Model.Revision,
        Dimensions = engine.Dimensions,
        MaxTokens = engine.MaxTokens,
    });

    private async Task<EmbedStreamResponse> EmbedOneAsync(EmbedStreamRequest request, CancellationToken cancellation)
    {
        var response = new EmbedStreamResponse { Id = request.Id };
        if (request.Model.Length > 0 && !engine.Model.Answers(request.Model))
        {
            response.Error = UnknownModel();
        }
        else if (request.Text.Length == 0)
        {
            response.Error = "The text is empty.";
        }
        else
        {
            try
            {
                response.Embedding = Message(await engine.EmbedPatientlyAsync(request.Text, cancellation));
            }
            catch (UnembeddableTextException e)
            {
                response.Error = $"The text {e.Reason}";
            }
            catch (InferenceException e)
            {
                response.Error = e.Message;
            }
        }

        return response;
    }

    private void Check(string model)
    {
        if (model.Length > 0 && !engine.Model.Answers(model))
        {
            throw Error(StatusCode.NotFound, UnknownModel());
        }
    }

    private string UnknownModel() => $"There is no such model here; this embedder serves {engine.Model.Id}.";

    private static Embedding Message(TextEmbedding embedding)
    {
        var message = new Embedding { TokenCount = embedding.TokenCount, Truncated = embedding.Truncated };
        message.Values.AddRange(embedding.Values);
        return message;
    }

    private static RpcException Error(StatusCode code, string detail) => new(new Status(code, detail));
}
