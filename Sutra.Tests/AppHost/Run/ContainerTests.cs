using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost.Run;

/// <summary>Containers, with programs in docker's and podman's place that tell how they were called.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class ContainerTests
{
    [TestMethod]
    public async Task A_container_runs_in_the_foreground_with_its_secrets_off_the_command_line_and_is_removed_at_the_end()
    {
        using var bin = new TemporaryFolder();
        await using var probe = Probe.Start("containers", FakeRuntimes(bin, works: "docker"));
        var connection = await probe.MatchAsync(@"^client \| connected to localhost:(\d+),password=([A-Za-z0-9]{22})$");
        var name = (await probe.MatchAsync(@"^cache +\| run --rm --name (cache-[a-z]{8}) ")).Groups[1].Value;

        probe.Send(Signal.Interrupt);
        Assert.AreEqual(0, await probe.ExitAsync());

        var run = probe.Lines.Single(l => l.Contains("| run --rm", StringComparison.Ordinal));
        StringAssert.EndsWith(
            run,
            $"run --rm --name {name} -p 127.0.0.1:{connection.Groups[1].Value}:6379 -v probe-cache:/data -e REDIS_PASSWORD --entrypoint /bin/sh docker.io/library/redis:8.6 -c redis-server --requirepass $REDIS_PASSWORD --save 60 1");
        StringAssert.Contains(probe.Output, $"| password {connection.Groups[2].Value}");
        StringAssert.Contains(await File.ReadAllTextAsync(bin.File("calls")), $"rm --force --volumes {name}");
    }

    [TestMethod]
    public async Task Where_docker_does_not_answer_podman_runs_the_containers()
    {
        using var bin = new TemporaryFolder();
        await using var probe = Probe.Start("containers", FakeRuntimes(bin, works: "podman"));
        var name = (await probe.MatchAsync(@"^cache +\| run --rm --name (cache-[a-z]{8}) ")).Groups[1].Value;

        probe.Send(Signal.Interrupt);
        Assert.AreEqual(0, await probe.ExitAsync());

        var calls = await File.ReadAllTextAsync(bin.File("calls"));
        StringAssert.Contains(calls, "docker container ls");
        StringAssert.Contains(calls, $"podman rm --force --volumes {name}");
        Assert.DoesNotContain("docker run", calls);
    }

    [TestMethod]
    public async Task Without_a_runtime_containers_are_unhealthy_and_all_else_runs()
    {
        using var bin = new TemporaryFolder();
        await using var probe = Probe.Start("containers", FakeRuntimes(bin, works: null));

        await probe.MatchAsync(@"^cache +> RuntimeUnhealthy");
        await probe.MatchAsync(@"^other +\| independent");
        await probe.MatchAsync("Container runtime 'docker' was found but appears to be unhealthy");
        Assert.DoesNotContain("client > Running", probe.Output);
    }

    private static Dictionary<string, string?> FakeRuntimes(TemporaryFolder bin, string? works)
    {
        foreach (var runtime in new[] { "docker", "podman" })
        {
            var script = $"""
                #!/bin/sh
                echo "{runtime} $*" >> '{bin.File("calls")}'
                case "$1" in
                    container) exit {(runtime == works ? 0 : 1)} ;;
                    run) echo "$*"; echo "password $REDIS_PASSWORD"; exec sleep 1000 ;;
                esac
                """;
            File.WriteAllText(bin.File(runtime), script);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(bin.File(runtime), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        return new()
        {
            ["PATH"] = $"{bin.Path}:{Environment.GetEnvironmentVariable("PATH")}",
            ["ASPIRE_CONTAINER_RUNTIME"] = null,
            ["DOTNET_ASPIRE_CONTAINER_RUNTIME"] = null,
        };
    }
}
