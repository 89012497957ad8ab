using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the model as an Aspire manifest: model order, then what is only referred to.</summary>
internal sealed class ManifestWriter(ManifestPublishingContext context)
{
    private readonly Utf8JsonWriter _json = context.Writer;

    public async Task WriteAsync(IEnumerable<IResource> resources)
    {
        var written = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        _json.WriteStartObject();
        _json.WriteStartObject("resources");
        foreach (var resource in resources)
        {
            var own = resource.Annotations.OfType<ManifestPublishingCallbackAnnotation>().LastOrDefault();
            if (own is { Callback: null })
            {
                continue;
            }

            written.Add(resource.Name);
            _json.WriteStartObject(resource.Name);
            await (own?.Callback?.Invoke(context) ?? WriteResourceAsync(resource)).ConfigureAwait(false);
            _json.WriteEndObject();
        }

        foreach (var parameter in context.Expressions.Parameters.Where(p => written.Add(p.Name)).ToArray())
        {
            _json.WriteStartObject(parameter.Name);
            WriteParameter(parameter);
            _json.WriteEndObject();
        }

        foreach (var (name, parameter) in context.Expressions.UriEncoded)
        {
            _json.WriteStartObject(name);
            _json.WriteString("type", "annotated.string");
            _json.WriteString("value", parameter.ValueExpression);
            _json.WriteString("filter", "uri");
            _json.WriteEndObject();
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
        await _json.FlushAsync(context.CancellationToken).ConfigureAwait(false);
    }

    private async Task WriteResourceAsync(IResource resource)
    {
        switch (resource)
        {
            case ProjectResource project:
                _json.WriteString("type", "project.v0");
                _json.WriteString("path", context.GetManifestRelativePath(project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath));
                await WriteArgsAndEnvironmentAsync(project).ConfigureAwait(false);
                WriteBindings(project);
                break;
            case ContainerResource container:
                await WriteContainerAsync(container).ConfigureAwait(false);
                break;
            case ExecutableResource executable:
                _json.WriteString("type", "executable.v0");
                _json.WriteString("workingDirectory", context.GetManifestRelativePath(executable.WorkingDirectory));
                _json.WriteString("command", executable.Command);
                await WriteArgsAndEnvironmentAsync(executable).ConfigureAwait(false);
                WriteBindings(executable);
                break;
            case ParameterResource parameter:
                WriteParameter(parameter);
                break;
            case IResourceWithConnectionString:
                _json.WriteString("type", "value.v0");
                context.WriteConnectionString(resource);
                break;
            default:
                _json.WriteString("error", "This resource does not support generation in the manifest.");
                break;
        }
    }

    private async Task WriteContainerAsync(ContainerResource container)
    {
        _json.WriteString("type", "container.v0");
        context.WriteConnectionString(container);
        var image = container.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault()
            ?? throw new DistributedApplicationException($"The container '{container.Name}' has no image.");
        _json.WriteString("image", ContainerImages.FullName(image));
        if (container.Entrypoint is { } entrypoint)
        {
            _json.WriteString("entrypoint", entrypoint);
        }

        await WriteArgsAsync(container).ConfigureAwait(false);
        WriteMounts(container, ContainerMountType.BindMount, "bindMounts");
        WriteMounts(container, ContainerMountType.Volume, "volumes");
        await WriteEnvironmentAsync(container).ConfigureAwait(false);
        WriteBindings(container);
    }

    private void WriteParameter(ParameterResource parameter)
    {
        _json.WriteString("type", "parameter.v0");
        if (parameter.IsConnectionString)
        {
            _json.WriteString("connectionString", parameter.ValueExpression);
        }

        _json.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        _json.WriteStartObject("inputs");
        _json.WriteStartObject("value");
        _json.WriteString("type", "string");
        if (parameter.Secret)
        {
            _json.WriteBoolean("secret", true);
        }

        if (parameter.Default is { } value)
        {
            _json.WriteStartObject("default");
            value.WriteToManifest(context);
            _json.WriteEndObject();
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private async Task WriteArgsAndEnvironmentAsync(IResource resource)
    {
        await WriteArgsAsync(resource).ConfigureAwait(false);
        await WriteEnvironmentAsync(resource).ConfigureAwait(false);
    }

    private async Task WriteArgsAsync(IResource resource)
    {
        var values = new CommandLineArgsCallbackContext([], resource, context.CancellationToken) { ExecutionContext = context.ExecutionContext };
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
        {
            await callback.Callback(values).ConfigureAwait(false);
        }

        if (values.Args.Count == 0)
        {
            return;
        }

        _json.WriteStartArray("args");
        foreach (var argument in values.Args)
        {
            _json.WriteStringValue(context.Expressions.Render(argument));
        }

        _json.WriteEndArray();
    }

    private async Task WriteEnvironmentAsync(IResource resource)
    {
        var values = new EnvironmentCallbackContext(context.ExecutionContext, resource, cancellationToken: context.CancellationToken);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await callback.Callback(values).ConfigureAwait(false);
        }

        if (values.EnvironmentVariables.Count == 0)
        {
            return;
        }

        _json.WriteStartObject("env");
        foreach (var (name, value) in values.EnvironmentVariables)
        {
            _json.WriteString(name, context.Expressions.Render(value));
        }

        _json.WriteEndObject();
    }

    private void WriteMounts(ContainerResource container, ContainerMountType type, string name)
    {
        var mounts = container.Annotations.OfType<ContainerMountAnnotation>().Where(m => m.Type == type).ToArray();
        if (mounts.Length == 0)
        {
            return;
        }

        _json.WriteStartArray(name);
        foreach (var mount in mounts)
        {
            _json.WriteStartObject();
            _json.WriteString(
                type == ContainerMountType.Volume ? "name" : "source",
                type == ContainerMountType.Volume ? mount.Source : context.GetManifestRelativePath(mount.Source));
            _json.WriteString("target", mount.Target);
            _json.WriteBoolean("readOnly", mount.IsReadOnly);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void WriteBindings(IResource resource)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        if (endpoints.Length == 0)
        {
            return;
        }

        _json.WriteStartObject("bindings");
        var nextExtra = 8000;
        var defaults = new HashSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in endpoints)
        {
            // A web project's first http and https go where its container listens anyway; further ones need a number.
            var first = resource is ProjectResource && endpoint.TargetPort is null && defaults.Add(endpoint.UriScheme);
            var target = endpoint.TargetPort ?? (resource is ProjectResource && !first ? nextExtra++ : null);
            _json.WriteStartObject(endpoint.Name);
            _json.WriteString("scheme", endpoint.UriScheme);
            _json.WriteString("protocol", endpoint.ProtocolName);
            _json.WriteString("transport", endpoint.Transport);
            if (endpoint.Port is { } port && port != target)
            {
                _json.WriteNumber("port", port);
            }

            if (target is { } number)
            {
                _json.WriteNumber("targetPort", number);
            }

            if (endpoint.IsExternal)
            {
                _json.WriteBoolean("external", true);
            }

            _json.WriteEndObject();
        }

        _json.WriteEndObject();
    }
}
