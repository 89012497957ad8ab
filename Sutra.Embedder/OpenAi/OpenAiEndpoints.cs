using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Contracts.Identity;
using Sutra.Embedder.Http;
using Sutra.Embedder.Models;
using Sutra.Embedder.OpenApi;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.OpenAi;

/// <summary>The part of OpenAI's HTTP API that embeds.</summary>
internal static class OpenAiEndpoints
{
    public static void MapOpenAi(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").RequireAuthorization(Permissions.Read).WithTags("OpenAI");
        v1.MapPostOnly("/embeddings", EmbedAsync)
            .Accepts<EmbeddingsBody>("application/json")
            .Produces<EmbeddingList>()
            .ProducesErrors(isOpenAi: true)
            .WithName("createEmbedding")
            .WithSummary("Embeds texts or token ids.");
        v1.MapGetOnly("/models", (ModelDirectory models) => TypedResults.Json(new OpenAiModelList("list", models.List()), OpenAiJson.Default.OpenAiModelList))
            .Produces<OpenAiModelList>()
            .ProducesErrors(isOpenAi: true)
            .WithName("listModels")
            .WithSummary("Every model that can be asked for.");
        v1.MapGetOnly("/models/{*id}", GetModel)
            .Produces<OpenAiModel>()
            .ProducesErrors(isOpenAi: true)
            .WithName("retrieveModel")
            .WithSummary("One model, by name, name@revision or name@commit.");
    }

    private static async Task EmbedAsync(HttpContext context, EmbeddingPipeline pipeline)
    {
        var request = await RequestBody.ReadAsync(context, static body => EmbeddingsRequest.Read(body, EmbedderOptions.MaxTextsPerRequest));
        var answer = await pipeline.EmbedAsync(request.Call, context.RequestAborted);
        await EmbeddingsResponse.WriteAsync(context.Response, answer, request, context.RequestAborted);
    }

    private static JsonHttpResult<OpenAiModel> GetModel(string id, ModelDirectory models) => models.Find(id) is { } model
        ? TypedResults.Json(model, OpenAiJson.Default.OpenAiModel)
        : throw new RefusalException(StatusCodes.Status404NotFound, "The model does not exist; see /v1/models.", "model", "model_not_found");
}
