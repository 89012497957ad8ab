using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Stops resources so that each outlives all those which use or wait for it; unrelated ones stop at the same time.</summary>
internal static class StopOrder
{
    public static Task StopAsync(IReadOnlyList<IResource> resources, Func<IResource, Task> stop)
    {
        var dependents = resources.ToDictionary(r => r, r => resources.Where(other => other != r && DependsOn(other, r)).ToArray());
        var stops = new Dictionary<IResource, Task>();
        return Task.WhenAll(resources.Select(r => StopOf(r, [])));

        Task StopOf(IResource resource, HashSet<IResource> path)
        {
            if (stops.TryGetValue(resource, out var known))
            {
                return known;
            }

            // Two that refer to each other (allowed) stop in either order.
            var before = path.Add(resource) ? dependents[resource].Where(d => !path.Contains(d)).Select(d => StopOf(d, [.. path])).ToArray() : [];
            return stops[resource] = AfterAsync(before, resource);
        }

        async Task AfterAsync(Task[] before, IResource resource)
        {
            await Task.WhenAll(before).ConfigureAwait(false);
            await stop(resource).ConfigureAwait(false);
        }
    }

    /// <summary>Directly or through resources without a process, such as connection strings.</summary>
    private static bool DependsOn(IResource user, IResource used)
    {
        var seen = new HashSet<IResource>();
        var open = new Stack<IResource>(Direct(user));
        while (open.TryPop(out var next))
        {
            if (next == used)
            {
                return true;
            }

            if (seen.Add(next))
            {
                foreach (var further in Direct(next))
                {
                    open.Push(further);
                }
            }
        }

        return false;
    }

    private static IEnumerable<IResource> Direct(IResource resource)
    {
        var annotated = resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(a => a.Resource)
            .Concat(resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource));
        var parent = resource is IResourceWithParent child ? [child.Parent] : Array.Empty<IResource>();
        var referred = resource is ConnectionStringResource connection ? Owners(connection.ConnectionStringExpression) : [];
        return annotated.Concat(parent).Concat(referred);
    }

    private static IEnumerable<IResource> Owners(IValueWithReferences value) => value.References.SelectMany(reference => reference switch
    {
        IResource resource => [resource],
        IValueWithReferences inner => Owners(inner),
        _ => [],
    });
}
