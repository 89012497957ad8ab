namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is known at run time only, such as a port.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) => GetValueAsync(cancellationToken);
}

/// <summary>How that value is written in a manifest: <c>{resource.property}</c>.</summary>
public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}

public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

public interface IValueWithReferences
{
    IEnumerable<object> References { get; }
}

/// <summary>For whom a value is worked out.</summary>
public class ValueProviderContext
{
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    public IResource? Caller { get; init; }

    /// <summary>Where the calling replica itself listens, by endpoint name.</summary>
    internal IReadOnlyDictionary<string, int>? OwnPorts { get; init; }
}
