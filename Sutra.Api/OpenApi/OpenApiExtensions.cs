using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Sutra.Api.OpenApi;

/// <summary>The OpenAPI document of the public API, at <c>/openapi/v1.json</c>; <c>docs/openapi/sutra.json</c> is the same.</summary>
internal static class OpenApiExtensions
{
    private const string Key = "key";

    public static WebApplicationBuilder AddApiDocument(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.AddSingleton<IApiDescriptionProvider, ApiOperationsProvider>();
        builder.Services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer(Describe);
            options.AddOperationTransformer(Complete);
            options.AddSchemaTransformer(FieldLimits.Apply);
        });
        return builder;
    }

    public static void MapApiDocument(this IEndpointRouteBuilder app) => app.MapOpenApi().AllowAnonymous();

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Sutra",
            Version = "v1",
            Description = "Semantic memory: learn texts, ask questions. docs/api.md tells the rest.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };

        // Wherever it was asked for, it is the same document.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes[Key] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key of the gateway.",
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, document)] = [] }];
        document.Tags = new HashSet<OpenApiTag>(ApiOperations.All.Select(operation => operation.Tag).Distinct(StringComparer.Ordinal).Select(tag => new OpenApiTag { Name = tag }));
        return Task.CompletedTask;
    }

    private static Task Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        if (!context.Description.Properties.TryGetValue(typeof(ApiOperation), out var found) || found is not ApiOperation known)
        {
            return Task.CompletedTask;
        }

        operation.OperationId = known.Id;
        operation.Summary = known.Summary;
        operation.Description = known.Description;
        operation.Tags = new HashSet<OpenApiTagReference> { new(known.Tag, context.Document) };
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            parameter.Description = known.Parameters.FirstOrDefault(one => one.Name == parameter.Name)?.Description;
        }

        if (operation.RequestBody?.Content is { } body)
        {
            Shape(body, known.Body!, known.Example);
        }

        var status = known.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (known.Answer is { } answer && operation.Responses?.GetValueOrDefault(status)?.Content is { } content)
        {
            Shape(content, answer, example: null);
        }

        if (known.IsOpen)
        {
            operation.Security = [];
        }
        else if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy is { } permission)
        {
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
            operation.Extensions["x-permission"] = new JsonNodeExtension(permission);
        }

        return Task.CompletedTask;
    }

    /// <summary>The framework gives all media types one schema; what is not JSON, or a list of it, has another.</summary>
    private static void Shape(IDictionary<string, OpenApiMediaType> content, ApiContent known, string? example)
    {
        foreach (var (media, shape) in content)
        {
            switch (media)
            {
                case ApiContent.Json when known.IsList:
                    shape.Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = shape.Schema };
                    shape.Example = example is null ? null : new JsonArray(JsonNode.Parse(example));
                    break;
                case ApiContent.Json or ApiContent.Lines when known.Type != typeof(Stream):
                    shape.Example = example is null ? null : JsonNode.Parse(example);
                    break;
                case ApiContent.Form:
                    shape.Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
                    };
                    break;
                case ApiContent.Json:
                    shape.Schema = new OpenApiSchema();
                    break;
                default:
                    shape.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
                    break;
            }
        }
    }
}
