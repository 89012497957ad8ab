using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A null callback leaves the resource out of the manifest.</summary>
    public sealed class ManifestPublishingCallbackAnnotation(Func<ManifestPublishingContext, Task>? callback) : IResourceAnnotation
    {
        public static readonly ManifestPublishingCallbackAnnotation Ignore = new(null);

        public Func<ManifestPublishingContext, Task>? Callback { get; } = callback;
    }
}

namespace Aspire.Hosting
{
    public static partial class ResourceBuilderExtensions
    {
        public static IResourceBuilder<T> ExcludeFromManifest<T>(this IResourceBuilder<T> builder)
            where T : IResource => builder.WithAnnotation(ManifestPublishingCallbackAnnotation.Ignore, ResourceAnnotationMutationBehavior.Replace);

        public static IResourceBuilder<T> WithManifestPublishingCallback<T>(this IResourceBuilder<T> builder, Func<ManifestPublishingContext, Task> callback)
            where T : IResource =>
            builder.WithAnnotation(new ManifestPublishingCallbackAnnotation(callback), ResourceAnnotationMutationBehavior.Replace);
    }
}
