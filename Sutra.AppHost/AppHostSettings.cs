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
/// <param name="StatePath">Folder of everything that the application writes; default <c>.sutra</c> in the repository.</param>
/// <param name="DataPath">Folder of what must survive a restart; default <c>data</c> in <paramref name="StatePath"/>.</param>
/// <param name="Port">The gateway's port in run mode; default 8080.</param>
/// <param name="EmbedderReplicas">1 to 16; default 1.</param>
internal sealed record AppHostSettings(
    string RepositoryRoot, string StatePath, string DataPath, int Port, int EmbedderReplicas, InfrastructureKind Infrastructure, PublishTarget Target)
{
    /// <summary>Where the gateway writes the first API key.</summary>
    public string FirstKeyFile => Path.Combine(StatePath, "first-key");

    /// <summary>Where the pid of this AppHost is written, so that <c>./sutra down</c> finds it.</summary>
    public string PidFile => Path.Combine(StatePath, "run", "apphost.pid");

    /// <summary>Where the choice of cache and audit database is written, for <c>./sutra status</c>.</summary>
    public string InfrastructureFile => Path.Combine(StatePath, "run", "infrastructure");

    /// <summary>Where pulled models lie, as <c>./sutra model</c> sees it, too; not among the data: they can be had again.</summary>
    public required string ModelStore { get; init; }

    /// <summary>A part's own file or folder among the data.</summary>
    public string Data(params string[] path) => Path.Combine([DataPath, .. path]);

    /// <exception cref="DistributedApplicationException">A value is wrong; the message names it and what it may be.</exception>
    public static AppHostSettings From(IDistributedApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection("Sutra");
        var root = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
        var statePath = Folder(section["StatePath"], Path.Combine(root, ".sutra"));
        return new AppHostSettings(
            root,
            statePath,
            Folder(section["DataPath"], Path.Combine(statePath, "data")),
            Number(section, "Port", 8080, 1, 65535),
            Number(section, "EmbedderReplicas", 1, 1, 16),
            // The launcher's variable wins: it says what this machine has.
            Word(builder.Configuration["SUTRA_INFRASTRUCTURE"] ?? section["Infrastructure"], "Infrastructure", InfrastructureKind.Auto),
            Word(section["Target"], "Target", PublishTarget.None))
        {
            ModelStore = Folder(builder.Configuration["Embedder:StorePath"], Path.Combine(statePath, "models")),
        };
    }

    private static string Folder(string? configured, string otherwise) => string.IsNullOrEmpty(configured) ? otherwise : Path.GetFullPath(configured);

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
