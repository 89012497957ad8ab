using System.Diagnostics;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Cli;

/// <summary>The launcher script in a folder of its own, with a <c>dotnet</c> and an <c>npm</c> that only write down what they are asked.</summary>
[TestClass]
public sealed class LauncherTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/bash
        echo "dotnet $*" >> "$STUB_LOG"
        case $1 in
            --version) echo 10.0.100 ;;
            restore) echo "$STUB_RESTORE"; [ -z "$STUB_RESTORE" ] ;;
            build) echo "$STUB_BUILD"; [ -z "$STUB_BUILD" ] || exit 1; mkdir -p artifacts/bin/Sutra.Cli/release; touch artifacts/bin/Sutra.Cli/release/sutra.dll ;;
            *.dll) echo "CLI ${*:2}" ;;
        esac
        """;

    private const string Npm = """
        #!/bin/bash
        echo "npm $*" >> "$STUB_LOG"
        mkdir -p node_modules
        """;

    private const string MissingPackages = "feed-probe.csproj : error NU1101: Unable to find package Aspire.Hosting.Redis.";

    private static readonly string[] Tools = ["bash", "cat", "cmp", "cp", "cut", "dirname", "find", "grep", "head", "id", "ls", "mkdir", "mv", "sed", "sort", "stat", "tail", "touch", "tr"];

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment = [];

    [TestInitialize]
    public void MakeCheckout()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("The launcher script is for bash; Windows has sutra.cmd.");
        }

        foreach (var folder in new[] { "bin", "eng/node", "eng/feed-probe", "Sutra.Cli" })
        {
            Directory.CreateDirectory(_folder.File(folder));
        }

        foreach (var file in new[] { "sutra", "global.json", "eng/node/package-lock.json", "eng/feed-probe/feed-probe.csproj" })
        {
            File.Copy(Path.Combine(Repository.Root, file), _folder.File(file));
        }

        File.WriteAllText(_folder.File("Sutra.Cli/Program.cs"), "");
        foreach (var tool in Tools)
        {
            File.CreateSymbolicLink(_folder.File($"bin/{tool}"), ExternalProgram.Find(tool) ?? throw new AssertInconclusiveException($"{tool} is not installed."));
        }

        AddProgram("dotnet", Dotnet);
        AddProgram("npm", Npm);
        AddProgram("node", "#!/bin/bash");
        AddProgram("git", "#!/bin/bash");
    }

    private string Log => File.Exists(_folder.File("log")) ? File.ReadAllText(_folder.File("log")) : "";

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void A_feed_that_lacks_packages_is_found_once_and_said()
    {
        _environment["STUB_RESTORE"] = MissingPackages;

        StringAssert.Contains(Run(0, "up"), "package feed: restricted");
        StringAssert.Contains(File.ReadAllText(_folder.File(".sutra/feed.props")), "<PackageFeed>restricted</PackageFeed>");
        Assert.IsFalse(Run(0, "up").Contains("package feed", StringComparison.Ordinal));
        Assert.HasCount(2, Log.Split("dotnet restore"));

        _environment["STUB_RESTORE"] = "";
        StringAssert.Contains(Run(0, "probe"), "package feed: full");
        StringAssert.Contains(File.ReadAllText(_folder.File(".sutra/feed.props")), "<PackageFeed>full</PackageFeed>");
    }

    [TestMethod]
    public void The_feed_can_be_chosen()
    {
        _environment["SUTRA_FEED"] = "restricted";
        StringAssert.Contains(Run(0, "up"), "package feed: restricted (SUTRA_FEED)");
        Assert.IsFalse(Log.Contains("restore", StringComparison.Ordinal));

        _environment["SUTRA_FEED"] = "half";
        Assert.AreEqual("sutra: SUTRA_FEED is 'half'; it must be full or restricted", Run(1, "up"));
    }

    [TestMethod]
    public void No_feed_at_all_is_one_line()
    {
        _environment["STUB_RESTORE"] = "feed-probe.csproj : error NU1301: Unable to load the service index for source https://feed.";

        StringAssert.StartsWith(Run(1, "up"), "sutra: no package feed can be reached: NU1301");
    }

    [TestMethod]
    public void The_npm_packages_come_once_and_again_when_the_lock_changes()
    {
        _environment["SUTRA_FEED"] = "restricted";
        Run(0, "up");
        Run(0, "up");
        Assert.HasCount(2, Log.Split("npm ci"));

        File.AppendAllText(_folder.File("eng/node/package-lock.json"), "\n");
        Run(0, "up");
        Assert.HasCount(3, Log.Split("npm ci"));
    }

    [TestMethod]
    public void Only_a_changed_checkout_is_built_again()
    {
        Run(0, "up");
        Run(0, "up");
        Assert.HasCount(2, Log.Split("dotnet build"));

        File.WriteAllText(_folder.File("Sutra.Cli/Program.cs"), "// changed");
        Run(0, "up");
        Assert.HasCount(3, Log.Split("dotnet build"));

        File.Delete(_folder.File("Sutra.Cli/Program.cs"));
        Run(0, "up");
        Assert.HasCount(4, Log.Split("dotnet build"));
    }

    [TestMethod]
    public void A_failed_build_shows_its_errors_and_where_the_rest_is()
    {
        _environment["STUB_BUILD"] = "Program.cs(1,1): error CS1002: ; expected";

        var output = Run(1, "up");

        StringAssert.Contains(output, "error CS1002");
        StringAssert.Contains(output, ".sutra/logs/build.log");
        Assert.IsFalse(output.Contains("CLI", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Arguments_reach_the_program_as_they_are()
    {
        StringAssert.EndsWith(Run(0, "up", "--port", "9000", "-d"), "CLI up --port 9000 -d");
        StringAssert.EndsWith(Run(0, "test", "--filter", "A|B C"), "CLI test --filter A|B C");
    }

    [TestMethod]
    public void What_is_missing_is_named_and_does_not_stop_anything()
    {
        // PostgreSQL may be found where Debian puts it, outside of the path.
        var output = Run(0, "up");

        StringAssert.Contains(output, "not installed: redis-server");
        StringAssert.Contains(output, "; embedded parts are used instead");
    }

    [TestMethod]
    public void The_container_runtimes_that_Aspire_would_ask_count_and_no_other()
    {
        StringAssert.Contains(Run(0, "up"), "not installed: redis-server");
        AddProgram("podman", "#!/bin/bash");
        Assert.DoesNotContain("not installed", Run(0, "up"));
        AddProgram("docker", "#!/bin/bash\nexit 1");
        Assert.DoesNotContain("not installed", Run(0, "up"));

        foreach (var variable in new[] { "ASPIRE_CONTAINER_RUNTIME", "DOTNET_ASPIRE_CONTAINER_RUNTIME" })
        {
            _environment[variable] = "docker";
            StringAssert.Contains(Run(0, "up"), "not installed: redis-server");
            _environment[variable] = "nowhere";
            StringAssert.Contains(Run(0, "up"), "not installed: redis-server");
            _environment[variable] = "podman";
            Assert.DoesNotContain("not installed", Run(0, "up"));
            _environment.Clear();
        }

        _environment["ASPIRE_CONTAINER_RUNTIME"] = "docker";
        _environment["DOTNET_ASPIRE_CONTAINER_RUNTIME"] = "podman";
        StringAssert.Contains(Run(0, "up"), "not installed: redis-server");
    }

    [TestMethod]
    public void Before_the_first_build_nothing_is_up()
    {
        Assert.AreEqual("sutra: not built yet, so not up", Run(1, "status"));
        Assert.AreEqual("sutra: not built yet, so not up", Run(0, "down"));
    }

    [TestMethod]
    public void A_machine_without_the_SDK_is_told_where_to_get_it()
    {
        File.Delete(_folder.File("bin/dotnet"));

        Assert.AreEqual("sutra: the .NET SDK 10 is missing: https://dot.net/download", Run(1, "up"));
    }

    private void AddProgram(string name, string script)
    {
        File.WriteAllText(_folder.File($"bin/{name}"), script);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.File($"bin/{name}"), (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>All that the launcher prints, errors too.</summary>
    private string Run(int exitCode, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", "exec ./sutra \"$@\" 2>&1", "bash", .. arguments])
        {
            WorkingDirectory = _folder.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = _folder.File("bin");
        start.Environment["HOME"] = _folder.Path;
        start.Environment["STUB_LOG"] = _folder.File("log");
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.AreEqual(exitCode, process.ExitCode, output);
        return output;
    }
}
