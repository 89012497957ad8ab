using System.Threading.Channels;
using Grpc.Core;
using Sutra.Contracts.Embedding.V1;
using Sutra.Embedder.Caching;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Grpc;

/// <summary>The embedder for the other services. A call's deadline and its cancellation take its texts out of the queue.</summary>
internal sealed class EmbedderService(EmbeddingPipeline pipeline, ModelHost host, CacheState cache, IHostApplicationLifetime lifetime) : Contracts.Embedding.V1.Embedder.EmbedderBase
{
    /// <summary>
    /// Texts of one stream that may be under way; the next message is read when one of them has been answered and the answer
    /// taken, so a client that is faster than the embedder, or slow to read, is held back by HTTP/2's own flow control.
    /// </summary>
    private const int StreamConcurrency = 64;

    public override async Task<EmbedResponse> Embed(EmbedRequest request, ServerCallContext context)
    {
        if (request.Texts.Count is 0 or > EmbedderOptions.MaxTextsPerRequest)
        {
            throw Error(StatusCode.InvalidArgument, $"texts has {request.Texts.Count} entries; it must have 1 to {EmbedderOptions.MaxTextsPerRequest}.");
        }

        var answer = await CallAsync(new EmbeddingCall { Texts = request.Texts, Model = Named(request.Model) }, context.CancellationToken);
        var response = new EmbedResponse { Model = answer.Model.Id };
        for (var i = 0; i < answer.Items.Count; i++)
        {
            var item = answer.Items[i];
            if (!item.IsEmbedded)
            {
                throw Error(item.Failure == TextFailure.ModelFailed ? StatusCode.Internal : StatusCode.InvalidArgument, $"texts[{i}] {item.Failure.Reason()}");
            }

            response.Embeddings.Add(Message(item));
        }

        return response;
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

    public override async Task<GetInfoResponse> GetInfo(GetInfoRequest request, ServerCallContext context)
    {
        try
        {
            using var lease = await host.AcquireAsync(cancellation: context.CancellationToken);
            return new GetInfoResponse
            {
                Model = lease.Model.Identity.Id,
                Revision = lease.Model.Identity.Revision,
                Dimensions = lease.Model.Dimensions,
                MaxTokens = lease.Model.MaxTokens,
                Cache = cache.Levels,
            };
        }
        catch (ModelUnavailableException e)
        {
            throw Error(StatusCode.Unavailable, e.Message);
        }
    }

    private async Task<EmbedStreamResponse> EmbedOneAsync(EmbedStreamRequest request, CancellationToken cancellation)
    {
        var response = new EmbedStreamResponse { Id = request.Id };
        try
        {
            var call = new EmbeddingCall { Texts = [request.Text], Model = Named(request.Model), Lane = Lane.Bulk, IsPatient = true };
            var item = (await CallAsync(call, cancellation)).Items[0];
            if (item.IsEmbedded)
            {
                response.Embedding = Message(item);
            }
            else
            {
                response.Error = $"The text {item.Failure.Reason()}";
            }
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            response.Error = e.Status.Detail;
        }

        return response;
    }

    private async Task<EmbeddingAnswer> CallAsync(EmbeddingCall call, CancellationToken cancellation)
    {
        try
        {
            return await pipeline.EmbedAsync(call, cancellation);
        }
        catch (CallException e)
        {
            throw Error(StatusCode.InvalidArgument, e.Message);
        }
        catch (UnknownModelException e)
        {
            throw Error(StatusCode.NotFound, e.Message);
        }
        catch (ModelUnavailableException e)
        {
            throw Error(StatusCode.Unavailable, e.Message);
        }
        catch (OverloadException e)
        {
            throw Error(StatusCode.ResourceExhausted, e.Message);
        }
        catch (OperationCanceledException)
        {
            throw Error(StatusCode.Cancelled, "The call was cancelled.");
        }
    }

    private static string? Named(string model) => model.Length == 0 ? null : model;

    private static Embedding Message(in EmbeddedText item)
    {
        var message = new Embedding { TokenCount = item.TokenCount, Truncated = item.Truncated };
        message.Values.Capacity = item.Values.Length;
        foreach (var value in item.Values.Span)
        {
            message.Values.Add(value);
        }

        return message;
    }

    private static RpcException Error(StatusCode code, string detail) => new(new Status(code, detail));
}
