namespace Microsoft.Extensions.ServiceDiscovery;

public sealed class ServiceDiscoveryOptions
{
    /// <summary>Whether any scheme may be used; default true. When false, only <see cref="AllowedSchemes"/>.</summary>
    public bool AllowAllSchemes { get; set; } = true;

    /// <summary>How often endpoints without a change token are looked up again; default 60 s.</summary>
    public TimeSpan RefreshPeriod { get; set; } = TimeSpan.FromSeconds(60);

    public IList<string> AllowedSchemes { get; set; } = new List<string>();

    /// <summary>The requested schemes that are allowed, in the order asked for; all allowed ones when none was asked for.</summary>
    public IReadOnlyList<string> ApplyAllowedSchemes(IReadOnlyList<string> requestedSchemes)
    {
        ArgumentNullException.ThrowIfNull(requestedSchemes);
        if (requestedSchemes.Count == 0)
        {
            return AllowedSchemes.AsReadOnly();
        }

        return AllowAllSchemes
            ? requestedSchemes
            : [.. requestedSchemes.Where(scheme => AllowedSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase))];
    }
}

public sealed class ConfigurationServiceEndpointProviderOptions
{
    /// <summary>The configuration section with the endpoints; default <c>Services</c>.</summary>
    public string SectionName { get; set; } = "Services";
}
