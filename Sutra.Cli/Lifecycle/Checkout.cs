using System.Globalization;

namespace Sutra.Cli.Lifecycle;

/// <summary>The working copy that this program was built from, and where things are in it.</summary>
internal sealed class Checkout(string root)
{
    public const int DefaultPort = 8080;

    public string Root { get; } = Path.GetFullPath(root);

    public string AppHostFolder => Path.Combine(Root, "Sutra.AppHost");

    public string AppHostProgram => Path.Combine(Root, "artifacts", "bin", "Sutra.AppHost", "release", "Sutra.AppHost.dll");

    public string TestProject => Path.Combine(Root, "Sutra.Tests", "Sutra.Tests.csproj");

    public string TestResults => Path.Combine(Root, "artifacts", "test-results");

    /// <summary>Written by the AppHost while it runs.</summary>
    public string PidFile => Path.Combine(Root, ".sutra", "run", "apphost.pid");

    /// <summary>The public port of what was started last, so that the other commands find it.</summary>
    public string PortFile => Path.Combine(Root, ".sutra", "run", "port");

    /// <summary>What serves as cache and audit database, written by the AppHost.</summary>
    public string InfrastructureFile => Path.Combine(Root, ".sutra", "run", "infrastructure");

    public string Log => Path.Combine(Root, ".sutra", "logs", "apphost.log");

    public string FirstKeyFile => Path.Combine(Root, ".sutra", "first-key");

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
            : new Checkout(folder.FullName);
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
