using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Turns values into a manifest's strings, and keeps what they refer to that must be written too.</summary>
internal sealed class ManifestExpressions
{
    private readonly Dictionary<string, ParameterResource> _encoded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ParameterResource> _parameters = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of the <c>annotated.string</c> entries that were referred to, and of what.</summary>
    public IReadOnlyDictionary<string, ParameterResource> UriEncoded => _encoded;

    public IEnumerable<ParameterResource> Parameters => _parameters.Values;

    public string Render(object? value)
    {
        switch (value)
        {
            case null:
                return "";
            case string text:
                return ReferenceExpression.Escape(text);
            case ReferenceExpression expression:
                return Render(expression);
            case IResourceBuilder<IResource> builder:
                return Render(builder.Resource);
            case ParameterResource parameter:
                _parameters[parameter.Name] = parameter;
                return parameter.ValueExpression;
            case IManifestExpressionProvider provider:
                return provider.ValueExpression;
            default:
                return ReferenceExpression.Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }
    }

    private string Render(ReferenceExpression expression)
    {
        var text = new StringBuilder();
        foreach (var part in expression.Parts)
        {
            text.Append(part.Hole is null ? ReferenceExpression.Escape(part.Text) : part.Format == "uri" ? Encoded(part.Hole) : Render(part.Hole));
        }

        return text.ToString();
    }

    private string Encoded(object hole)
    {
        if (hole is not ParameterResource parameter)
        {
            throw new DistributedApplicationException("Only parameters can be written with the format 'uri' in a manifest.");
        }

        _parameters[parameter.Name] = parameter;
        var name = $"{parameter.Name}-uri-encoded";
        _encoded[name] = parameter;
        return $"{{{name}.value}}";
    }
}
