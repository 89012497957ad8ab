using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Sutra.AppHost;

/// <summary>Where the cache and the audit database come from in run mode.</summary>
internal enum InfrastructureKind
{
    /// <summary>Containers if a runtime answers, else programs on this machine, else the embedded parts.</summary>
    Auto,
    Container,
    Local,
    Embedded,
}

/// <summary>What the application is published for; of no effect in run mode.</summary>
internal enum PublishTarget
{
    /// <summary>A plain manifest, which azd reads.</summary>
    None,
    Kubernetes,
    Aca,
}

/// <summary>Configuration section <c>Sutra</c>.</summary>
/// <param name="RepositoryRoot">The checkout that the AppHost stands in.</param>
/// <param name="DataPath">Folder of everything that must survive a restart; default <c>.sutra/data</c> in the repository.</param>
/// <param name="Port">The gateway's port in run mode; default 8080.</param>
/// <param name="EmbedderReplicas">1 to 16; default 1.</param>
internal sealed record AppHostSettings(
    string RepositoryRoot, string DataPath, int Port, int EmbedderReplicas, InfrastructureKind Infrastructure, PublishTarget Target)
{
    /// <summary>Where the pid of this AppHost is written, so that <c>./sutra down</c> finds it.</summary>
    public string PidFile => DataPath == DefaultDataPath(RepositoryRoot)
        ? Path.Combine(RepositoryRoot, ".sutra", "run", "apphost.pid")
        : Path.Combine(DataPath, "apphost.pid");

    /// <exception cref="DistributedApplicationException">A value is wrong; the message names it and what it may be.</exception>
    public static AppHostSettings From(IDistributedApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection("Sutra");
        var root = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
        var dataPath = section["DataPath"] is { Length: > 0 } path ? Path.GetFullPath(path) : DefaultDataPath(root);
        return new AppHostSettings(
            root,
            dataPath,
            Number(section, "Port", 8080, 1, 65535),
            Number(section, "EmbedderReplicas", 1, 1, 16),
            // The launcher's variable wins: it says what this machine has.
            Word(builder.Configuration["SUTRA_INFRASTRUCTURE"] ?? section["Infrastructure"], "Infrastructure", InfrastructureKind.Auto),
            Word(section["Target"], "Target", PublishTarget.None));
    }

    private static string DefaultDataPath(string root) => Path.Combine(root, ".sutra", "data");

    private static int Number(IConfiguration section, string key, int otherwise, int least, int most)
    {
        var text = section[key];
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        return int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new DistributedApplicationException($"Sutra:{key} is '{text}'; it must be a whole number from {least} to {most}.");
    }

    private static T Word<T>(string? text, string key, T otherwise)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        return Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0])
            ? value
            : throw new DistributedApplicationException($"Sutra:{key} is '{text}'; it must be one of: {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
    }
}
