using System.Net;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;

namespace Sutra.Gateway.Routing;

/// <summary>Which path leads to which service. A path that is not here leads nowhere.</summary>
internal static class Routes
{
    public const string Api = "api";
    public const string OpenAi = "openai";
    public const string Stream = "stream";
    public const string Health = "health";

    /// <summary>Under it, errors have OpenAI's shape.</summary>
    public const string OpenAiPrefix = "/v1";

    // Of the embedder, beside OpenAI's.
    private static readonly string[] Embedding = ["embed", "embed_all", "tokenize", "decode", "similarity", "info", "embeddings/batch"];

    private static readonly string[] Uploads = ["/api/jobs", "/api/learn/batch", "/api/documents"];

    private const string Authenticated = "default";
    private const string Anonymous = "anonymous";

    public static IReadOnlyList<RouteConfig> All { get; } =
    [
        Route(Api, "/api/{**path}", Authenticated),
        Route(Api, "/openapi/v1.json", Anonymous) with { RouteId = "openapi" },
        Route(OpenAi, $"{OpenAiPrefix}/{{**path}}", Authenticated),
        .. Embedding.Select(path => Route(OpenAi, $"/{path}", Authenticated) with { RouteId = path }),
        Route(Stream, $"{OpenAiPrefix}/embeddings/stream", Authenticated),
        Route(Stream, "/embeddings/stream", Authenticated) with { RouteId = "embeddings/stream" },
        Route(Health, "/health", Anonymous) with
        {
            Match = new RouteMatch { Path = "/health", Methods = [HttpMethods.Get, HttpMethods.Head] },

            // Before the gateway's own report of the same path: what counts outside is whether the whole works.
            Order = -1,
        },
    ];

    public static IReadOnlyList<ClusterConfig> Clusters(GatewayOptions options) =>
    [
        Cluster(Api, "http://api", options.ActivityTimeout),
        Cluster(OpenAi, "http://embedder", options.ActivityTimeout),

        // Lines go both ways at once, which HttpClient does over HTTP/2 only.
        Cluster(Stream, "http://_grpc.embedder", options.ActivityTimeout) with
        {
            HttpRequest = new ForwarderRequestConfig
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                ActivityTimeout = options.ActivityTimeout,
            },
        },
        Cluster(Health, "http://api", options.HealthTimeout),
    ];

    /// <summary>Whether a request's body has no end that anybody knows beforehand.</summary>
    public static bool IsStream(PathString path) =>
        path.StartsWithSegments("/embeddings/stream", StringComparison.OrdinalIgnoreCase, out var rest) && !rest.HasValue
        || (path.StartsWithSegments($"{OpenAiPrefix}/embeddings/stream", StringComparison.OrdinalIgnoreCase, out rest) && !rest.HasValue);

    /// <summary>Whether a request's body has a limit of its own, which the api keeps: it reads it as it comes.</summary>
    public static bool IsUpload(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && (Array.Exists(Uploads, path => request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase, out var rest) && rest.Value is null or "" or "/")
            || IsImport(request.Path));

    private static bool IsImport(PathString path) =>
        path.StartsWithSegments("/api/collections", StringComparison.OrdinalIgnoreCase, out var rest)
        && rest.Value?.Trim('/').Split('/') is [_, var last]
        && last.Equals("import", StringComparison.OrdinalIgnoreCase);

    private static RouteConfig Route(string id, string path, string policy) => new()
    {
        RouteId = id,
        ClusterId = id,
        AuthorizationPolicy = policy,
        Match = new RouteMatch { Path = path },
    };

    private static ClusterConfig Cluster(string id, string address, TimeSpan activityTimeout) => new()
    {
        ClusterId = id,
        LoadBalancingPolicy = LoadBalancingPolicies.LeastRequests,
        HttpRequest = new ForwarderRequestConfig
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            ActivityTimeout = activityTimeout,
        },
        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal)
        {
            [id] = new() { Address = address },
        },
    };
}
