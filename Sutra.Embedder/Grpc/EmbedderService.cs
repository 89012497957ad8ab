using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Embedding.V1;
using Sutra.Embedder.Caching;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Native;
using Sutra.Embedder.OpenAi;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Selection;

namespace Sutra.Embedder.Grpc;

/// <summary>The embedder for the other services. A call's deadline and its cancellation take its texts out of the queue.</summary>
internal sealed class EmbedderService(
    EmbeddingPipeline pipeline, ModelSelector selector, ModelDirectory models, CacheState cache, IOptions<DoorOptions> doors, IHostApplicationLifetime lifetime)
    : Contracts.Embedding.V1.Embedder.EmbedderBase
{
    /// <summary>
    /// Texts of one stream that may be under way; the next message is read when one of them has been answered and the answer
    /// taken, so a client that is faster than the embedder, or slow to read, is held back by HTTP/2's own flow control.
    /// </summary>
    private const int StreamConcurrency = 64;

    public override async Task<EmbedResponse> Embed(EmbedRequest request, ServerCallContext context)
    {
        CheckCount(request.Texts.Count);
        var call = request.Options.ToCall(request.Model) with { Texts = request.Texts };
        var answer = await CallAsync(() => pipeline.EmbedAsync(call, context.CancellationToken));
        var response = new EmbedResponse { Model = answer.Model.Id, Timings = answer.Timings.ToMessage(), Selection = answer.Selection };
        for (var i = 0; i < answer.Items.Count; i++)
        {
            var item = answer.Items[i];
            if (!item.IsEmbedded && !request.PerItemErrors)
            {
                throw GrpcErrors.Of(item.Failure.Code(), $"texts[{i}] {item.Failure.Reason()}");
            }

            response.Embeddings.Add(GrpcMessages.ToMessage(item));
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
            throw lifetime.ApplicationStopping.IsCancellationRequested ? GrpcErrors.Of(StatusCode.Unavailable, "The embedder stops.")
                : failure is null or OperationCanceledException
                ? GrpcErrors.Of(StatusCode.Cancelled, "The call was cancelled.")
                : GrpcErrors.Of(StatusCode.Internal, "The stream failed.");
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
        using var selected = await SelectAsync(new EmbeddingCall { Model = Named(request.Model) }, context.CancellationToken);
        return selected.Model.ToMessage(models.List(), cache.Levels);
    }

    public override async Task<TokenizeResponse> Tokenize(TokenizeRequest request, ServerCallContext context)
    {
        CheckCount(request.Texts.Count);
        if (request.Texts.Sum(text => (long)text.Length) > doors.Value.MaxTokenizeLength)
        {
            throw GrpcErrors.Invalid($"texts are too long together: the most is {doors.Value.MaxTokenizeLength} characters.");
        }

        var call = new EmbeddingCall { Model = Named(request.Model), PromptName = Named(request.PromptName), Texts = request.Texts };
        using var selected = await SelectAsync(call, context.CancellationToken);
        try
        {
            return Tokenize(selected.Model, call, !request.NoSpecialTokens);
        }
        catch (Exception e)
        {
            throw GrpcErrors.For(e);
        }
    }

    private static TokenizeResponse Tokenize(LoadedModel model, EmbeddingCall call, bool addSpecialTokens)
    {
        var prefix = Prefixes.For(model.Folder, call);
        var response = new TokenizeResponse { Model = model.Identity.Id };
        foreach (var text in call.Texts!)
        {
            var whole = prefix + text;
            var places = new CodePoints(whole);
            response.Texts.Add(new TokenList
            {
                Tokens =
                {
                    model.Tokenizer.Tokenize(whole, addSpecialTokens).Select(token => new Token
                    {
                        Id = token.Id,
                        Text = token.Text,
                        Special = token.IsSpecial,
                        Start = places.Before(token.Start),
                        Stop = places.Before(token.Stop),
                    }),
                },
            });
        }

        return response;
    }

    private async Task<EmbedStreamResponse> EmbedOneAsync(EmbedStreamRequest request, CancellationToken cancellation)
    {
        var response = new EmbedStreamResponse { Id = request.Id };
        try
        {
            var call = request.Options.ToCall(request.Model);
            call = call with { Texts = [request.Text], Lane = call.Lane ?? Lane.Bulk, IsPatient = true };
            var item = (await CallAsync(() => pipeline.EmbedAsync(call, cancellation))).Items[0];
            if (item.IsEmbedded)
            {
                response.Embedding = GrpcMessages.ToMessage(item);
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

    private Task<SelectedModel> SelectAsync(EmbeddingCall call, CancellationToken cancellation) =>
        CallAsync(() => selector.SelectAsync(call, cancellation).AsTask());

    private static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e)
        {
            throw GrpcErrors.For(e);
        }
    }

    private static void CheckCount(int texts)
    {
        if (texts is 0 or > EmbedderOptions.MaxTextsPerRequest)
        {
            throw GrpcErrors.Invalid($"texts has {texts} entries; it must have 1 to {EmbedderOptions.MaxTextsPerRequest}.");
        }
    }

    private static string? Named(string name) => name.Length == 0 ? null : name;
}
