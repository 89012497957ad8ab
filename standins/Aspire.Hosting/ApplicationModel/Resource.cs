using System.Collections;
using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

public interface IResource
{
    string Name { get; }

    ResourceAnnotationCollection Annotations { get; }
}

public interface IResourceAnnotation;

public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>
{
    public ResourceAnnotationCollection()
    {
    }
}

public abstract class Resource : IResource
{
    protected Resource(string name)
    {
        ResourceNames.Validate(name, "resource");
        Name = name;
    }

    public virtual string Name { get; }

    public virtual ResourceAnnotationCollection Annotations { get; } = [];

    public override string ToString() => Name;
}

public interface IResourceCollection : IList<IResource>;

internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection
{
    protected override void InsertItem(int index, IResource item)
    {
        if (this.FirstOrDefault(r => r.Name.Equals(item.Name, StringComparison.OrdinalIgnoreCase)) is { } clash)
        {
            throw new DistributedApplicationException($"Cannot add resource '{item.Name}': '{clash.Name}' is already in the application (names are case-insensitive).");
        }

        base.InsertItem(index, item);
    }
}

internal static class ResourceNames
{
    public static void Validate(string name, string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var valid = name.Length <= 64
            && char.IsAsciiLetter(name[0])
            && name[^1] != '-'
            && !name.Contains("--", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        if (!valid)
        {
            throw new ArgumentException(
                $"'{name}' is not a valid {kind} name: 1 to 64 ASCII letters, digits and hyphens, starting with a letter, without '--' and without a hyphen at the end.",
                nameof(name));
        }
    }
}
