namespace Sutra.Embedder.Http;

internal static class RouteExtensions
{
    private static readonly string[] Others = [HttpMethods.Get, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    /// <summary>
    /// POST, 415 for a type of body that the route does not accept, and 405 for other methods: beside gRPC's catch-all route
    /// the server would say 404.
    /// </summary>
    public static RouteHandlerBuilder MapPostOnly(this IEndpointRouteBuilder routes, string path, Delegate handler)
    {
        routes.MapMethods(path, Others, Refuse(HttpMethods.Post)).ExcludeFromDescription();
        routes.MapPost(path, RefuseType).WithOrder(1).ExcludeFromDescription();
        return routes.MapPost(path, handler);
    }

    /// <summary>GET, and 405 for the rest.</summary>
    public static RouteHandlerBuilder MapGetOnly(this IEndpointRouteBuilder routes, string path, Delegate handler)
    {
        routes.MapMethods(path, [HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete], Refuse(HttpMethods.Get)).ExcludeFromDescription();
        return routes.MapGet(path, handler);
    }

    private static Task RefuseType(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        return Task.CompletedTask;
    }

    private static RequestDelegate Refuse(string allowed) => context =>
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = allowed;
        return Task.CompletedTask;
    };
}
