using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aspire.Hosting.Publishing;

/// <summary>What azd refuses in a manifest, found here, where the message can name the call that causes it.</summary>
internal static partial class DeploymentRules
{
    private static readonly string[] s_known =
        ["project.v0", "project.v1", "container.v0", "container.v1", "dockerfile.v0", "parameter.v0", "value.v0", "annotated.string", "azure.bicep.v0", "azure.bicep.v1"];

    /// <exception cref="DistributedApplicationException">With every problem found, one after the other.</exception>
    public static void Check(JsonElement manifest)
    {
        var resources = manifest.GetProperty("resources");
        var problems = resources.EnumerateObject().SelectMany(r => Problems(r.Name, r.Value, resources)).ToArray();
        if (problems.Length > 0)
        {
            throw new DistributedApplicationException($"The manifest was not written: {string.Join(' ', problems)}");
        }
    }

    private static IEnumerable<string> Problems(string name, JsonElement resource, JsonElement resources)
    {
        var type = Text(resource, "type");
        if (type == "executable.v0")
        {
            yield return $"'{name}' is an executable, which cannot be deployed (add it in run mode only, or call ExcludeFromManifest()).";
        }
        else if (Array.IndexOf(s_known, type) < 0)
        {
            yield return $"'{name}' has no form in a manifest (add it in run mode only, or call ExcludeFromManifest()).";
        }

        if (IsSecret(resource) && resource.GetProperty("inputs").GetProperty("value").TryGetProperty("default", out var otherwise) && otherwise.TryGetProperty("value", out _))
        {
            yield return $"The parameter '{name}' is secret and has its value as a default.";
        }

        foreach (var problem in ArgumentProblems(name, resource, resources).Concat(BindingProblems(name, resource)).Concat(DanglingReferences(name, resource, resources)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> ArgumentProblems(string name, JsonElement resource, JsonElement resources)
    {
        if (!resource.TryGetProperty("args", out var arguments))
        {
            yield break;
        }

        foreach (var (referred, property) in arguments.EnumerateArray().SelectMany(a => References(a.GetString()!)))
        {
            if (property == "connectionString" || (property == "value" && resources.TryGetProperty(referred, out var parameter) && IsSecret(parameter)))
            {
                yield return $"'{name}' has the secret {{{referred}.{property}}} among its arguments, where anybody can read it (use WithEnvironment).";
            }
        }
    }

    private static IEnumerable<string> BindingProblems(string name, JsonElement resource)
    {
        if (!resource.TryGetProperty("bindings", out var bindings))
        {
            yield break;
        }

        var all = bindings.EnumerateObject().ToArray();
        var ingress = MainIngress(all);
        foreach (var binding in all)
        {
            var scheme = Text(binding.Value, "scheme");
            var web = scheme is "http" or "https";
            if (!web && IsExternal(binding.Value))
            {
                yield return $"The endpoint '{binding.Name}' of '{name}' is external but {scheme}: only http and https can be.";
            }

            if (!web && !binding.Value.TryGetProperty("targetPort", out _))
            {
                yield return $"The endpoint '{binding.Name}' of '{name}' needs a targetPort.";
            }

            var port = binding.Value.TryGetProperty("port", out var number) ? number.GetInt32() : (int?)null;
            if (web && ingress.Contains(binding.Name) && port is { } given && given != (scheme == "http" ? 80 : 443))
            {
                yield return $"The endpoint '{binding.Name}' of '{name}' has the port {given}, but {scheme} is reached on {(scheme == "http" ? 80 : 443)} once deployed (set the port in run mode only).";
            }
        }

        if (all.Where(b => IsExternal(b.Value)).Select(Group).Distinct().Count() > 1)
        {
            yield return $"'{name}' has external endpoints on more than one port; only one can be.";
        }
    }

    /// <summary>azd's choice: the only group of web endpoints on one port, else the external one, else the first.</summary>
    private static HashSet<string> MainIngress(JsonProperty[] bindings)
    {
        var groups = bindings.Where(b => Text(b.Value, "scheme") is "http" or "https").GroupBy(Group).ToArray();
        var main = groups.Length == 1 ? groups[0] : groups.FirstOrDefault(g => g.Any(b => IsExternal(b.Value))) ?? groups.FirstOrDefault();
        return main?.Select(b => b.Name).ToHashSet(StringComparer.Ordinal) ?? [];
    }

    private static int Group(JsonProperty binding) => binding.Value.TryGetProperty("targetPort", out var target) ? target.GetInt32() : 0;

    private static IEnumerable<string> DanglingReferences(string name, JsonElement resource, JsonElement resources)
    {
        foreach (var (referred, property) in Strings(resource).SelectMany(References).Distinct())
        {
            if (!resources.TryGetProperty(referred, out var target))
            {
                yield return $"'{name}' refers to '{referred}', which is not in the manifest.";
            }
            else if (property.Split('.') is ["bindings", var binding, ..]
                && !(target.TryGetProperty("bindings", out var bindings) && bindings.TryGetProperty(binding, out _)))
            {
                yield return $"'{name}' refers to the endpoint '{binding}' of '{referred}', which has no such endpoint.";
            }
        }
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Strings(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        _ => [],
    };

    private static IEnumerable<(string Resource, string Property)> References(string text) => Expression()
        .Matches(text.Replace("{{", "", StringComparison.Ordinal).Replace("}}", "", StringComparison.Ordinal))
        .Select(m => (m.Groups[1].Value, m.Groups[2].Value));

    private static bool IsSecret(JsonElement resource) => Text(resource, "type") == "parameter.v0"
        && resource.GetProperty("inputs").GetProperty("value").TryGetProperty("secret", out var secret) && secret.GetBoolean();

    private static bool IsExternal(JsonElement binding) => binding.TryGetProperty("external", out var external) && external.GetBoolean();

    private static string? Text(JsonElement element, string property) => element.TryGetProperty(property, out var value) ? value.GetString() : null;

    [GeneratedRegex(@"\{([A-Za-z0-9-]+)\.([A-Za-z0-9_.-]+)\}")]
    private static partial Regex Expression();
}
