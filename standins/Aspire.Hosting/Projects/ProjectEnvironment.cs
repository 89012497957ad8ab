using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Projects;

/// <summary>The variables that every project gets, in the order in which the real package sets them.</summary>
internal static class ProjectEnvironment
{
    /// <summary>Stands where each replica's own suffix goes; the orchestrator fills it in.</summary>
    public const string ReplicaSuffix = "{replica-suffix}";

    public static Task AddTelemetry(EnvironmentCallbackContext context, IConfiguration configuration, IHostEnvironment environment)
    {
        var variables = context.EnvironmentVariables;
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        if (context.ExecutionContext.IsPublishMode)
        {
            variables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
            return Task.CompletedTask;
        }

        var development = environment.IsDevelopment();
        if (development)
        {
            variables["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true";
            variables["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true";
        }

        var grpc = configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"];
        var http = configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"];
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = grpc ?? http ?? "http://localhost:18889";
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = grpc is null && http is not null ? "http/protobuf" : "grpc";
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={ReplicaSuffix}";
        variables["OTEL_SERVICE_NAME"] = context.Resource.Name;
        if (configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
        {
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
        }

        if (development)
        {
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            variables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true";
        }

        variables["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true";
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        return Task.CompletedTask;
    }

    /// <summary>Run: ASPNETCORE_URLS with the replica's own ports. Publish: HTTP_PORTS.</summary>
    public static void AddUrls(EnvironmentCallbackContext context)
    {
        var resource = (IResourceWithEndpoints)context.Resource;
        var web = resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.UriScheme is "http" or "https" && !e.IsInvented).ToArray();
        if (web.Length == 0)
        {
            return;
        }

        if (context.ExecutionContext.IsPublishMode)
        {
            // A container serves plain http; the target ends TLS in front of it.
            AddPorts(context, "HTTP_PORTS", resource, web.Where(e => e.UriScheme == "http"));
            return;
        }

        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in web)
        {
            urls.AppendLiteral(urls.IsEmpty ? $"{endpoint.UriScheme}://localhost:" : $";{endpoint.UriScheme}://localhost:");
            urls.AppendFormatted(new EndpointReference(resource, endpoint).Property(EndpointProperty.TargetPort));
        }

        context.EnvironmentVariables["ASPNETCORE_URLS"] = urls.Build();
        if (web.FirstOrDefault(e => e.UriScheme == "https") is { AllocatedEndpoint.Port: var port })
        {
            context.EnvironmentVariables["ASPNETCORE_HTTPS_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        }
    }

    public static void AddLaunchProfile(EnvironmentCallbackContext context, (string Name, LaunchProfile Profile)? chosen)
    {
        if (context.ExecutionContext.IsPublishMode || chosen is not { } profile)
        {
            return;
        }

        context.EnvironmentVariables["DOTNET_LAUNCH_PROFILE"] = profile.Name;
        foreach (var (name, value) in profile.Profile.EnvironmentVariables)
        {
            context.EnvironmentVariables.TryAdd(name, value);
        }
    }

    private static void AddPorts(EnvironmentCallbackContext context, string variable, IResourceWithEndpoints resource, IEnumerable<EndpointAnnotation> endpoints)
    {
        var ports = new ReferenceExpressionBuilder();
        foreach (var endpoint in endpoints)
        {
            if (!ports.IsEmpty)
            {
                ports.AppendLiteral(";");
            }

            ports.AppendFormatted(new EndpointReference(resource, endpoint).Property(EndpointProperty.TargetPort));
        }

        if (!ports.IsEmpty)
        {
            context.EnvironmentVariables[variable] = ports.Build();
        }
    }
}
