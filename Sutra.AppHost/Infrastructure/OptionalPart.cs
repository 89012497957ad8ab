namespace Sutra.AppHost.Infrastructure;

/// <summary>Something a service connects to if it is there; without it the service uses what it has built in.</summary>
/// <param name="Connection">Null: the embedded part.</param>
/// <param name="Server">What must be healthy before the service starts.</param>
internal sealed record OptionalPart(IResourceBuilder<IResourceWithConnectionString>? Connection, IResourceBuilder<IResource>? Server)
{
    public static readonly OptionalPart Embedded = new(null, null);
}

internal static class OptionalPartExtensions
{
    public static IResourceBuilder<ProjectResource> WithOptional(this IResourceBuilder<ProjectResource> builder, OptionalPart part)
    {
        if (part.Connection is not null)
        {
            builder.WithReference(part.Connection);
        }

        if (part.Server is not null)
        {
            builder.WaitFor(part.Server);
        }

        return builder;
    }
}
