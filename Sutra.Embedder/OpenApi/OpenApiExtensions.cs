using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sutra.Embedder.OpenAi;

namespace Sutra.Embedder.OpenApi;

/// <summary>The OpenAPI document of the HTTP routes, at <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiExtensions
{
    private static readonly int[] Refusals = [400, 401, 403, 404, 408, 413, 415, 429, 500, 503];

    public static void AddApiDocument(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer(Describe);
            options.AddSchemaTransformer(Unite);
        });
    }

    /// <summary>The errors that a route may answer, in the shape that it has them in.</summary>
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder route, bool isOpenAi)
    {
        foreach (var status in Refusals)
        {
            _ = isOpenAi
                ? route.Produces<OpenAiErrorBody>(status, "application/json")
                : route.Produces<Problem>(status, "application/problem+json");
        }

        return route;
    }

    /// <summary>Parameters in the address, none of which must be there.</summary>
    public static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder route, params ReadOnlySpan<string> names)
    {
        var all = names.ToArray();
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var name in all)
            {
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Schema = Primitive(TypeOf(name)) });
            }

            return Task.CompletedTask;
        });
        return route;
    }

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Sutra embedder",
            Version = "v1",
            Description = "Text in, vectors out: OpenAI's embeddings, text-embeddings-inference's routes, long lists and streams. docs/embedder-api.md tells the rest.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key of the gateway.",
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
        return Task.CompletedTask;
    }

    // C# has no union types.
    private static Task Unite(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        var text = Primitive(JsonSchemaType.String);
        var ids = ListOf(Primitive(JsonSchemaType.Integer));
        IList<IOpenApiSchema>? kinds = context.JsonTypeInfo.Type switch
        {
            var type when type == typeof(TextOrTokens) => [text, ListOf(text), ids, ListOf(ids)],
            var type when type == typeof(TextOrTexts) => [text, ListOf(text)],
            var type when type == typeof(TokenLists) => [ids, ListOf(ids)],
            var type when type == typeof(Vector) => [ListOf(Primitive(JsonSchemaType.Number)), text],
            var type when type == typeof(LineId) => [text, Primitive(JsonSchemaType.Number)],
            _ => null,
        };
        if (kinds is not null)
        {
            schema.Type = null;
            schema.Properties = null;
            schema.Required = null;
            schema.AnyOf = kinds;
        }

        return Task.CompletedTask;
    }

    private static JsonSchemaType TypeOf(string name) => name switch
    {
        "dimensions" => JsonSchemaType.Integer,
        "truncate" => JsonSchemaType.Boolean,
        _ => JsonSchemaType.String,
    };

    private static OpenApiSchema Primitive(JsonSchemaType type) => new() { Type = type };

    private static OpenApiSchema ListOf(OpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };
}
