using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>
/// Endpoints from configuration, <c>Services:{service}:{endpoint or scheme}[:{index}]</c>. A plain name takes section
/// <c>default</c>, else the first of its schemes that has one; a named endpoint takes its own section only.
/// </summary>
internal static class ConfigurationEndpoints
{
    private const string DefaultEndpoint = "default";

    public static List<ServiceEndpoint> Find(
        ServiceEndpointQuery query,
        IConfiguration configuration,
        ConfigurationServiceEndpointProviderOptions options,
        ServiceDiscoveryOptions discovery)
    {
        var service = configuration.GetSection(options.SectionName).GetSection(query.ServiceName);
        var schemes = discovery.ApplyAllowedSchemes(query.IncludedSchemes);
        IEnumerable<string> names = query.EndpointName is { } named ? [named] : [DefaultEndpoint, .. schemes];
        var section = names.Select(service.GetSection).FirstOrDefault(candidate => candidate.Exists());
        if (section is null)
        {
            return [];
        }

        var found = string.IsNullOrWhiteSpace(section.Value)
            ? section.GetChildren().Select(child => Parse(query, section, child, mustBeIndex: true)).ToList()
            : [Parse(query, section, section, mustBeIndex: false)];
        return discovery.AllowAllSchemes && query.IncludedSchemes.Count == 0 ? found : Preferred(found, schemes);
    }

    // Of endpoints that have a scheme, those of the most preferred scheme that occurs; endpoints without one always.
    private static List<ServiceEndpoint> Preferred(List<ServiceEndpoint> endpoints, IReadOnlyList<string> schemes)
    {
        var ranks = schemes.Select((scheme, rank) => (scheme, rank)).DistinctBy(pair => pair.scheme).ToDictionary(pair => pair.scheme, pair => pair.rank);
        int Rank(ServiceEndpoint endpoint) => endpoint.EndPoint is not UriEndPoint uri ? -1 : ranks.GetValueOrDefault(uri.Uri.Scheme, int.MaxValue);

        var best = endpoints.Select(Rank).Where(rank => rank >= 0).DefaultIfEmpty(int.MaxValue).Min();
        return [.. endpoints.Where(endpoint => Rank(endpoint) is var rank && rank != int.MaxValue && rank <= best)];
    }

    private static ServiceEndpoint Parse(ServiceEndpointQuery query, IConfigurationSection section, IConfigurationSection value, bool mustBeIndex)
    {
        if (mustBeIndex && !int.TryParse(value.Key, out _))
        {
            throw new KeyNotFoundException(
                $"The endpoint configuration section for service '{query.ServiceName}' endpoint '{section.Key}' has non-numeric keys.");
        }

        return ServiceEndpoint.TryParse(value.Value, out var endpoint)
            ? endpoint
            : throw new KeyNotFoundException(
                $"The endpoint configuration section for service '{query.ServiceName}' endpoint '{section.Key}' has an invalid value with key '{value.Key}'.");
    }
}
