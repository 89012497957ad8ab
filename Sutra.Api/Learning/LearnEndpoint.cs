using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Errors;
using Sutra.Api.Idempotency;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Learning;

internal static class LearnEndpoint
{
    public static void MapLearning(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/learn", LearnAsync).RequireAuthorization(Permissions.Write).TakesIdempotencyKey();
        app.MapBatchLearning();
    }

    private static async Task<JsonHttpResult<LearnResponse>> LearnAsync(HttpContext context, Learner learner, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(context.Request, ApiJson.Default.LearnRequest, cancellation);
        LearnValidator.Check(request);
        var response = await learner.LearnAsync(request, Caller.Of(context), cancellation);
        context.Response.Headers.Location = $"/api/concepts/{response.ConceptId}";
        return TypedResults.Json(response, ApiJson.Default.LearnResponse, statusCode: StatusCodes.Status201Created);
    }
}
