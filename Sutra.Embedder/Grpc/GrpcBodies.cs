using System.IO.Pipelines;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http.Features;
using Sutra.Embedder.Http;

namespace Sutra.Embedder.Grpc;

/// <summary>Bodies of gRPC calls count as under way, as those of the HTTP routes do.</summary>
internal static class GrpcBodies
{
    public static IApplicationBuilder UseGrpcBodyBudget(this IApplicationBuilder app) => app.UseWhen(
        static context => context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is not null,
        static branch => branch.Use(HandleAsync));

    private static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        using var body = new CountedPipeReader(context.Request.BodyReader, context.RequestServices.GetRequiredService<BodyBudget>());
        context.Features.Set<IRequestBodyPipeFeature>(new Body(body));
        await next(context);
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
