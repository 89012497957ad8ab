using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Ties the resource's health to a check registered with <c>builder.Services.AddHealthChecks()</c>.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(a => a.Key == key))
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' already has a health check with key '{key}'.");
        }

        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>Healthy = GET <paramref name="path"/> answers <paramref name="statusCode"/> (default 200).</summary>
    /// <param name="endpointName">Default: https if there is such an endpoint, else http.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var name = endpointName
            ?? new[] { "https", "http" }.FirstOrDefault(candidate => FindEndpoint(builder.Resource, candidate) is not null)
            ?? throw new DistributedApplicationException(
                $"Could not create HTTP health check for resource '{builder.Resource.Name}' as no endpoint named 'https' or 'http' was found.");
        if (FindEndpoint(builder.Resource, name) is not { UriScheme: "http" or "https" })
        {
            throw new DistributedApplicationException(
                $"Could not create HTTP health check for resource '{builder.Resource.Name}' as it has no http endpoint named '{name}'.");
        }

        var endpoint = builder.GetEndpoint(name);
        var status = statusCode ?? 200;
        var key = $"{builder.Resource.Name}_{name}_{path}_{status}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            services => new HttpHealthCheck(endpoint, path ?? "/", status, services.GetRequiredService<IHttpClientFactory>()),
            failureStatus: null,
            tags: null));
        return builder.WithHealthCheck(key);
    }
}
