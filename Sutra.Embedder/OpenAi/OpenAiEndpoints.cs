using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Identity;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.OpenAi;

/// <summary>The part of OpenAI's HTTP API that embeds.</summary>
internal static class OpenAiEndpoints
{
    public static void MapOpenAi(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").RequireAuthorization(Permissions.Read).WithTags("OpenAI");
        v1.MapPost("/embeddings", EmbedAsync);
        // Said here, because beside gRPC's catch-all route the server would say 404.
        v1.MapMethods("/embeddings", [HttpMethods.Get, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete], context =>
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = HttpMethods.Post;
            return Task.CompletedTask;
        });
        v1.MapGet("/models", (ModelHost host) => List(host));
        v1.MapGet("/models/{*id}", GetModel);
    }

    private static async Task EmbedAsync(HttpContext context, EmbeddingPipeline pipeline, IOptions<EmbedderOptions> options)
    {
        var cancellation = context.RequestAborted;
        if (!context.Request.HasJsonContentType())
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.Value.MaxBodyBytes;
        }

        EmbeddingsRequest request;
        using (var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: cancellation))
        {
            request = EmbeddingsRequest.Read(body.RootElement);
        }

        var answer = await pipeline.EmbedAsync(
            new EmbeddingCall { Texts = request.Texts, Tokens = request.Tokens, Model = request.Model, Dimensions = request.Dimensions }, cancellation);
        await EmbeddingsResponse.WriteAsync(context.Response, answer, request.Base64, cancellation);
    }

    private static JsonHttpResult<OpenAiModelList> List(ModelHost host) =>
        TypedResults.Json(new OpenAiModelList("list", [.. host.Loaded().Select(Describe)]), OpenAiJson.Default.OpenAiModelList);

    private static JsonHttpResult<OpenAiModel> GetModel(string id, ModelHost host) => host.Loaded().FirstOrDefault(model => model.Identity.Answers(id)) is { } model
        ? TypedResults.Json(Describe(model), OpenAiJson.Default.OpenAiModel)
        : throw new OpenAiException(
            StatusCodes.Status404NotFound, OpenAiException.InvalidRequest, "The model does not exist.", "model", "model_not_found");

    private static OpenAiModel Describe(LoadedModel model) => new(
        model.Name, "model", model.Written.ToUnixTimeSeconds(), "sutra", model.Identity.Revision, model.Dimensions, model.MaxTokens);
}
