using System.Globalization;

namespace Sutra.Cli.Lifecycle;

/// <summary>The working copy that this program was built from, and where things are in it.</summary>
/// <param name="root">Its folder.</param>
/// <param name="state">Folder of what the running system writes; default <c>.sutra</c> in <paramref name="root"/>.</param>
internal sealed class Checkout(string root, string? state = null)
{
    public const int DefaultPort = 8080;

    /// <summary>The AppHost's own variable for its state folder: both must look in the same place.</summary>
    public const string StateVariable = "Sutra__StatePath";

    private readonly string _state = Path.GetFullPath(state ?? Path.Combine(root, ".sutra"));

    public string Root { get; } = Path.GetFullPath(root);

    public string AppHostFolder => Path.Combine(Root, "Sutra.AppHost");

    public string AppHostProgram => Path.Combine(Root, "artifacts", "bin", "Sutra.AppHost", "release", "Sutra.AppHost.dll");

    public string TestProject => Path.Combine(Root, "Sutra.Tests", "Sutra.Tests.csproj");

    public string TestResults => Path.Combine(Root, "artifacts", "test-results");

    /// <summary>Written by the AppHost while it runs.</summary>
    public string PidFile => Path.Combine(_state, "run", "apphost.pid");

    /// <summary>The public port of what was started last, so that the other commands find it.</summary>
    public string PortFile => Path.Combine(_state, "run", "port");

    /// <summary>What serves as cache and audit database, written by the AppHost.</summary>
    public string InfrastructureFile => Path.Combine(_state, "run", "infrastructure");

    public string Log => Path.Combine(_state, "logs", "apphost.log");

    /// <summary>Pulled models; the AppHost gives the embedder the same folder.</summary>
    public string ModelStore => Path.Combine(_state, "models");

    /// <summary>What the AppHost gives the storage, unless it is told otherwise.</summary>
    public string StorageData => Path.Combine(_state, "data", "storage");

    public string FirstKeyFile => Path.Combine(_state, "first-key");

    /// <summary>Root of the checkout above the running program; throws when it was copied elsewhere.</summary>
    public static Checkout Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sutra.sln")))
        {
            folder = folder.Parent;
        }

        return folder is null
            ? throw new CliException("This program must lie in its checkout: Sutra.sln was found nowhere above it.")
            : new Checkout(folder.FullName, Environment.GetEnvironmentVariable(StateVariable) is { Length: > 0 } state ? state : null);
    }

    public int Port() =>
        File.Exists(PortFile) && int.TryParse(File.ReadAllText(PortFile).Trim(), CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : DefaultPort;

    public void RememberPort(int port)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PortFile)!);
        File.WriteAllText(PortFile, $"{port}\n");
    }

    public static Uri Address(int port) => new($"http://localhost:{port}/");
}
