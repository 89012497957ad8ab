using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Sutra.Api.OpenApi;

/// <summary>
/// Tells the API explorer what <see cref="ApiOperations"/> knows of the endpoints. Not by metadata of theirs: routing would refuse other media types by it, and
/// not say what is wrong.
/// </summary>
internal sealed class ApiOperationsProvider : IApiDescriptionProvider
{
    private const string ProblemType = "application/problem+json";

    private static readonly EmptyModelMetadataProvider s_metadata = new();

    // After those of the framework, whose endpoints these are.
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        foreach (var description in context.Results)
        {
            if (ApiOperations.Find(description.HttpMethod, description.RelativePath) is { } operation)
            {
                Complete(description, operation);
            }
        }

        // Health checks are mapped outside of what the explorer sees.
        foreach (var operation in ApiOperations.All.Where(operation => operation.IsOpen))
        {
            var description = new ApiDescription
            {
                HttpMethod = operation.Method,
                RelativePath = operation.Path.TrimStart('/'),
                ActionDescriptor = new ActionDescriptor { EndpointMetadata = [], RouteValues = { ["controller"] = operation.Tag } },
            };
            Complete(description, operation);
            context.Results.Add(description);
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    private static void Complete(ApiDescription description, ApiOperation operation)
    {
        description.Properties[typeof(ApiOperation)] = operation;
        foreach (var parameter in operation.Parameters)
        {
            description.ParameterDescriptions.Add(Parameter(parameter.Name, parameter.Type, parameter.IsHeader ? BindingSource.Header : BindingSource.Query));
        }

        if (operation.Body is { } body)
        {
            var parameter = Parameter("body", body.Type, BindingSource.Body);
            parameter.IsRequired = true;
            description.ParameterDescriptions.Add(parameter);
            foreach (var media in body.MediaTypes)
            {
                description.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = media });
            }
        }

        description.SupportedResponseTypes.Clear();
        description.SupportedResponseTypes.Add(Response(operation.Status, operation.Answer));
        foreach (var status in operation.AllProblems)
        {
            description.SupportedResponseTypes.Add(Response(status, new ApiContent(typeof(Problem), ProblemType)));
        }

        if (operation.IsOpen)
        {
            description.SupportedResponseTypes.Add(Response(StatusCodes.Status503ServiceUnavailable, operation.Answer));
        }
    }

    private static ApiParameterDescription Parameter(string name, Type type, BindingSource source) =>
        new() { Name = name, Type = type, ModelMetadata = s_metadata.GetMetadataForType(type), Source = source };

    private static ApiResponseType Response(int status, ApiContent? content) => new()
    {
        StatusCode = status,
        Type = content?.Type ?? typeof(void),
        ModelMetadata = content is null ? null : s_metadata.GetMetadataForType(content.Type),
        ApiResponseFormats = [.. (content?.MediaTypes ?? []).Select(media => new ApiResponseFormat { MediaType = media })],
    };
}
