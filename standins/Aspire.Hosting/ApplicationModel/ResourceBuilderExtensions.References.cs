using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Gives the connection string as <c>ConnectionStrings__name</c>, and its parts as <c>NAME_HOST</c> and so on.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.Refers(resource).WithEnvironment(context =>
        {
            var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}";
            context.EnvironmentVariables[variable] = resource;
            foreach (var (property, value) in resource.GetConnectionProperties())
            {
                context.EnvironmentVariables[$"{VariableName(name)}_{property.ToUpperInvariant()}"] = value;
            }
        });
    }

    /// <summary>Gives every endpoint as <c>NAME_ENDPOINT</c> and, for service discovery, <c>services__name__endpoint__0</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.WithReference(source, source.Resource.Name);

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment
    {
        var prefix = name == source.Resource.Name ? VariableName(name) : name;
        return builder.Refers(source.Resource).WithEnvironment(context =>
        {
            foreach (var endpoint in source.Resource.Annotations.OfType<EndpointAnnotation>().Where(e => !e.ExcludeReferenceEndpoint))
            {
                AddEndpoint(context, prefix, name, new EndpointReference(source.Resource, endpoint));
            }
        });
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        var name = endpointReference.Resource.Name;
        return builder.Refers(endpointReference.Resource)
            .WithEnvironment(context => AddEndpoint(context, VariableName(name), name, endpointReference));
    }

    private static void AddEndpoint(EnvironmentCallbackContext context, string prefix, string name, EndpointReference endpoint)
    {
        var variables = context.EnvironmentVariables;
        variables[$"{prefix}_{VariableName(endpoint.EndpointName)}"] = endpoint;
        // The real package's rule: endpoints named http or https go by their scheme, all others by their name.
        var segment = endpoint.EndpointName is "http" or "https" ? endpoint.Scheme : endpoint.EndpointName;
        var index = 0;
        while (!variables.TryAdd($"services__{name}__{segment}__{index.ToString(CultureInfo.InvariantCulture)}", endpoint))
        {
            index++;
        }
    }

    private static string VariableName(string name) =>
        string.Concat(name.ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static IResourceBuilder<T> Refers<T>(this IResourceBuilder<T> builder, IResource resource)
        where T : IResource => builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, "Reference"));
}
