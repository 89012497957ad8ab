using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(CreateParameter(builder, name, secret));

    /// <summary>The literal wins over the configuration, as in the real package.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret));
        }

        var parameter = new ParameterResource(name, _ => valueGetter(), secret);
        if (publishValueAsDefault)
        {
            parameter.Default = new ConstantParameterDefault(valueGetter);
        }

        return builder.AddResource(parameter);
    }

    /// <summary>Configuration first, then the default; <paramref name="persist"/> keeps a generated default in the user secrets (run mode).</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        builder.AddResource(WithDefault(builder, name, value, secret, persist));

    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0) => WithDefault(
            builder,
            name,
            new GenerateParameterDefault
            {
                MinLength = 22, // enough to give 128 bits of entropy
                Lower = lower,
                Upper = upper,
                Numeric = numeric,
                Special = special,
                MinLower = minLower,
                MinUpper = minUpper,
                MinNumeric = minNumeric,
                MinSpecial = minSpecial,
            },
            secret: true,
            persist: true);

    public static ParameterResource CreateParameter(IDistributedApplicationBuilder builder, string name, bool secret) =>
        new(name, value => Configured(builder.Configuration, name) ?? value?.GetDefaultValue() ?? throw Missing(name), secret);

    public static IResourceBuilder<ParameterResource> WithDescription(
        this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        builder.Resource.Description = description;
        builder.Resource.EnableDescriptionMarkdown = enableMarkdown;
        return builder;
    }

    private static ParameterResource WithDefault(IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret, bool persist)
    {
        var keep = persist && builder.ExecutionContext.IsRunMode ? (builder as DistributedApplicationBuilder)?.UserSecrets : null;
        return new ParameterResource(
            name,
            generated => Configured(builder.Configuration, name)
                ?? keep?.GetOrAdd(KeyOf(name), generated!.GetDefaultValue)
                ?? generated!.GetDefaultValue(),
            secret)
        {
            Default = value,
        };
    }

    private static string KeyOf(string name) => $"Parameters:{name}";

    /// <summary>Environment variables cannot have a hyphen in their name: <c>Parameters__cache_password</c> is looked at too.</summary>
    private static string? Configured(IConfiguration configuration, string name) =>
        configuration[KeyOf(name)] ?? configuration[KeyOf(name.Replace('-', '_'))];

    private static MissingParameterValueException Missing(string name) => new(
        $"Parameter resource could not be used because configuration key '{KeyOf(name)}' is missing and the parameter has no default value "
        + $"(set it with the environment variable {KeyOf(name).Replace(":", "__", StringComparison.Ordinal).Replace('-', '_')}).");
}
