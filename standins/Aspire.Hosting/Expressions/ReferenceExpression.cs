using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with holes that are filled at run time, or written as <c>{resource.property}</c> in a manifest.</summary>
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    public static readonly ReferenceExpression Empty = new([]);

    private readonly Part[] _parts;

    private ReferenceExpression(Part[] parts)
    {
        _parts = parts;
        var holes = parts.Where(p => p.Hole is not null).ToArray();
        ValueProviders = [.. holes.Select(p => (IValueProvider)p.Hole!)];
        ManifestExpressions = [.. holes.Select(p => ((IManifestExpressionProvider)p.Hole!).ValueExpression)];
        StringFormats = [.. holes.Select(p => p.Format)];
        var index = 0;
        Format = string.Concat(parts.Select(p => p.Hole is null ? Escape(p.Text) : "{" + index++.ToString(CultureInfo.InvariantCulture) + "}"));
    }

    /// <summary>Composite format, as string.Format takes it: literal braces are doubled.</summary>
    public string Format { get; }

    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    public IReadOnlyList<string> ManifestExpressions { get; }

    public IReadOnlyList<string?> StringFormats { get; }

    public string ValueExpression =>
        string.Concat(_parts.Select(p => p.Hole is null ? Escape(p.Text) : ((IManifestExpressionProvider)p.Hole).ValueExpression));

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    internal IReadOnlyList<Part> Parts => _parts;

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            var value = part.Hole is IValueProvider hole ? await hole.GetValueAsync(context, cancellationToken).ConfigureAwait(false) : part.Text;
            text.Append(part.Format == "uri" && value is not null ? Uri.EscapeDataString(value) : value);
        }

        return text.ToString();
    }

    internal static string Escape(string text) =>
        text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    internal readonly record struct Part(string Text, object? Hole, string? Format);

    internal sealed class PartList
    {
        private readonly List<Part> _parts = [];

        public bool IsEmpty => _parts.Count == 0;

        public void Literal(string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                _parts.Add(new Part(text, null, null));
            }
        }

        public void Hole(object provider, string? format)
        {
            if (format is not null and not "uri")
            {
                throw new FormatException($"The format '{format}' is not supported in an expression; 'uri' is.");
            }

            if (provider is ReferenceExpression inner && format is null)
            {
                _parts.AddRange(inner._parts);
                return;
            }

            _parts.Add(new Part("", provider, format));
        }

        public ReferenceExpression Build() => new([.. _parts]);
    }

    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler
    {
        private readonly PartList _parts;

        public ExpressionInterpolatedStringHandler() => _parts = new PartList();

        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
            : this()
        {
        }

        public readonly void AppendLiteral(string value) => _parts.Literal(value);

        public readonly void AppendFormatted(string? value) => _parts.Literal(value);

        public readonly void AppendFormatted(string? value, string? format = null) =>
            _parts.Literal(format == "uri" && value is not null ? Uri.EscapeDataString(value) : value);

        public void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => _parts.Hole(valueProvider, null);

        public void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider => _parts.Hole(valueProvider, format);

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => _parts.Hole(valueProvider.Resource, null);

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider => _parts.Hole(valueProvider.Resource, format);

        internal readonly ReferenceExpression Build() => _parts.Build();
    }
}

/// <summary>Builds a <see cref="ReferenceExpression"/> piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly ReferenceExpression.PartList _parts = new();

    public bool IsEmpty => _parts.IsEmpty;

    public void AppendLiteral(string value) => _parts.Literal(value);

    public void AppendFormatted(string? value) => _parts.Literal(value);

    public void AppendFormatted<T>(T valueProvider)
        where T : IValueProvider, IManifestExpressionProvider => _parts.Hole(valueProvider, null);

    public void AppendFormatted<T>(T valueProvider, string? format)
        where T : IValueProvider, IManifestExpressionProvider => _parts.Hole(valueProvider, format);

    public ReferenceExpression Build() => _parts.Build();
}
