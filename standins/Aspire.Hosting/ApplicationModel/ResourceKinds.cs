namespace Aspire.Hosting.ApplicationModel
{
    public interface IResourceWithEnvironment : IResource;

    public interface IResourceWithArgs : IResource;

    public interface IResourceWithEndpoints : IResource;

    public interface IResourceWithWaitSupport : IResource;

    public interface IResourceWithProbes : IResource;

    public interface IResourceWithoutLifetime : IResource;

    public interface IComputeResource : IResource;

    public interface IComputeEnvironmentResource : IResource;

    public interface IContainerFilesDestinationResource : IResource;

    public interface IResourceWithParent : IResource
    {
        IResource Parent { get; }
    }

    public interface IResourceWithParent<out T> : IResourceWithParent
        where T : IResource
    {
        new T Parent { get; }

        IResource IResourceWithParent.Parent => Parent;
    }

    public interface IResourceWithConnectionString : IResource, IExpressionValue, IValueWithReferences
    {
        ReferenceExpression ConnectionStringExpression { get; }

        string? ConnectionStringEnvironmentVariable => null;

        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

        IEnumerable<object> IValueWithReferences.References => [ConnectionStringExpression];

        ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            ConnectionStringExpression.GetValueAsync(cancellationToken);

        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);

        IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];
    }
}

namespace Aspire.Hosting
{
    using Aspire.Hosting.ApplicationModel;

    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
}
