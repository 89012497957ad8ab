using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Projects;

namespace Aspire.Hosting.Orchestration;

/// <summary>Works out command, arguments and environment of one replica; again for every start, as callbacks may answer differently.</summary>
internal sealed class LaunchPlanner(DistributedApplicationExecutionContext executionContext, AppHostInfo appHost)
{
    public async Task<LaunchPlan> PlanAsync(IResource resource, Replica replica, CancellationToken cancellation)
    {
        var values = new ValueProviderContext { ExecutionContext = executionContext, Caller = resource, OwnPorts = replica.Ports };
        var environment = await EnvironmentAsync(resource, replica, values, cancellation).ConfigureAwait(false);
        var arguments = await ArgumentsAsync(resource, values, cancellation).ConfigureAwait(false);
        return resource switch
        {
            ProjectResource project => Project(project, arguments, environment),
            ExecutableResource executable => new LaunchPlan(executable.Command, arguments, executable.WorkingDirectory, environment),
            ContainerResource container => Container(container, replica, arguments, environment),
            _ => throw new DistributedApplicationException($"A {resource.GetType().Name} cannot be started."),
        };
    }

    private static async Task<Dictionary<string, string>> EnvironmentAsync(
        IResource resource, Replica replica, ValueProviderContext values, CancellationToken cancellation)
    {
        var context = new EnvironmentCallbackContext(values.ExecutionContext!, resource, cancellationToken: cancellation);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        var resolved = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (await ResolveAsync(value, values, cancellation).ConfigureAwait(false) is { } text)
            {
                resolved[name] = text.Replace(ProjectEnvironment.ReplicaSuffix, replica.Suffix, StringComparison.Ordinal);
            }
        }

        return resolved;
    }

    private static async Task<List<string>> ArgumentsAsync(IResource resource, ValueProviderContext values, CancellationToken cancellation)
    {
        var context = new CommandLineArgsCallbackContext([], resource, cancellation) { ExecutionContext = values.ExecutionContext! };
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        var resolved = new List<string>();
        foreach (var argument in context.Args)
        {
            resolved.Add(await ResolveAsync(argument, values, cancellation).ConfigureAwait(false) ?? "");
        }

        return resolved;
    }

    private static async ValueTask<string?> ResolveAsync(object? value, ValueProviderContext values, CancellationToken cancellation) => value switch
    {
        string text => text,
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(values, cancellation).ConfigureAwait(false),
        IValueProvider provider => await provider.GetValueAsync(values, cancellation).ConfigureAwait(false),
        null => null,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static LaunchPlan Container(ContainerResource container, Replica replica, List<string> arguments, Dictionary<string, string> environment)
    {
        var image = container.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault()
            ?? throw new DistributedApplicationException($"The container '{container.Name}' has no image.");
        var instance = new ContainerInstance(ContainerRuntime.Name, $"{container.Name}-{replica.Suffix}");
        List<string> words = ["run", "--rm", "--name", instance.Name];
        foreach (var endpoint in container.Annotations.OfType<EndpointAnnotation>())
        {
            words.AddRange(["-p", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{endpoint.AllocatedEndpoint!.Port}:{endpoint.TargetPort}")]);
        }

        foreach (var mount in container.Annotations.OfType<ContainerMountAnnotation>())
        {
            words.AddRange(["-v", $"{(mount.Source is null ? "" : mount.Source + ":")}{mount.Target}{(mount.IsReadOnly ? ":ro" : "")}"]);
        }

        // Names only: the values come from the environment of the command, where other users do not see them.
        words.AddRange(environment.Keys.SelectMany(name => new[] { "-e", name }));
        if (container.Entrypoint is { } entrypoint)
        {
            words.AddRange(["--entrypoint", entrypoint]);
        }

        words.Add(ContainerImages.FullName(image));
        words.AddRange(arguments);
        return new LaunchPlan(instance.Runtime, words, System.Environment.CurrentDirectory, environment, instance);
    }

    private LaunchPlan Project(ProjectResource project, List<string> arguments, Dictionary<string, string> environment)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath;
        var program = BuiltProjects.TargetOf(appHost.Assembly, path)
            ?? throw new DistributedApplicationException($"the AppHost was built without a reference to {path}, so it does not know where its program is");
        return File.Exists(program)
            ? new LaunchPlan(Programs.Dotnet, [program, .. arguments], Path.GetDirectoryName(path)!, environment)
            : throw new DistributedApplicationException($"{program} does not exist: build {Path.GetFileName(path)} first");
    }
}

internal static class ContainerImages
{
    public static string FullName(ContainerImageAnnotation image) =>
        $"{(image.Registry is null ? "" : image.Registry + "/")}{image.Image}{(image.Tag is null ? "" : ":" + image.Tag)}";
}

/// <summary>One of the processes that a resource consists of.</summary>
/// <param name="Suffix">Eight letters that tell it from all others.</param>
/// <param name="Ports">Where it listens, by endpoint name.</param>
internal sealed record Replica(string Id, string Label, string Suffix, IReadOnlyDictionary<string, int> Ports);
