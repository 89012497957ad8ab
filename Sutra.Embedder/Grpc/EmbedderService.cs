using Google.Protobuf;
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
    EmbeddingPipeline pipeline,
    ModelSelector selector,
    ModelDirectory models,
    CacheState cache,
    BodyBudget budget,
    IOptions<DoorOptions> doors,
    IHostApplicationLifetime lifetime)
    : Contracts.Embedding.V1.Embedder.EmbedderBase
{
    public override async Task<EmbedResponse> Embed(EmbedRequest request, ServerCallContext context)
    {
        using var held = Hold(request);
        CheckCount(request.Texts.Count);
        var call = request.Options.ToCall(request.Model) with { Texts = request.Texts };
        var answer = await GrpcErrors.CallAsync(() => pipeline.EmbedAsync(call, context.CancellationToken));
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
        using var call = new EmbedStreamCall(pipeline, budget, context.CancellationToken, lifetime.ApplicationStopping);
        await call.RunAsync(requestStream, responseStream);
    }

    public override async Task<GetInfoResponse> GetInfo(GetInfoRequest request, ServerCallContext context)
    {
        using var selected = await SelectAsync(new EmbeddingCall { Model = Named(request.Model) }, context.CancellationToken);
        return selected.Model.ToMessage(models.List(), cache.Levels);
    }

    public override async Task<TokenizeResponse> Tokenize(TokenizeRequest request, ServerCallContext context)
    {
        using var held = Hold(request);
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

    private Task<SelectedModel> SelectAsync(EmbeddingCall call, CancellationToken cancellation) =>
        GrpcErrors.CallAsync(() => selector.SelectAsync(call, cancellation).AsTask());

    private IDisposable Hold(IMessage request)
    {
        try
        {
            return budget.Hold(request.CalculateSize());
        }
        catch (RefusalException e)
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
