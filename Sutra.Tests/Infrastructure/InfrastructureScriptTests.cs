using System.Diagnostics;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Infrastructure;

[TestClass]
public sealed class InfrastructureScriptTests
{
    [TestMethod]
    [DataRow("redis.sh", new[] { "/tmp/x" }, "REDIS_PASSWORD", "p", "usage")]
    [DataRow("redis.sh", new[] { "/tmp/x", "http" }, "REDIS_PASSWORD", "p", "not a port")]
    [DataRow("redis.sh", new[] { "/tmp/x", "70000" }, "REDIS_PASSWORD", "p", "not a port")]
    [DataRow("redis.sh", new[] { "/tmp/x", "6379" }, "REDIS_PASSWORD", "", "REDIS_PASSWORD is not set")]
    [DataRow("redis.sh", new[] { "/proc/nowhere/x", "6379" }, "REDIS_PASSWORD", "p", "cannot create")]
    [DataRow("postgres.sh", new[] { "/tmp/x" }, "POSTGRES_PASSWORD", "p", "usage")]
    [DataRow("postgres.sh", new[] { "/tmp/x", "0" }, "POSTGRES_PASSWORD", "p", "not a port")]
    [DataRow("postgres.sh", new[] { "/tmp/x", "5432" }, "POSTGRES_PASSWORD", "", "POSTGRES_PASSWORD is not set")]
    public async Task What_is_wrong_with_the_call_is_one_line_and_a_failure(string script, string[] arguments, string variable, string password, string message)
    {
        if (script == "redis.sh" && ExternalProgram.Find("redis-server") is null)
        {
            Assert.Inconclusive("redis-server is not installed.");
        }

        var (exitCode, output) = await RunAsync(script, arguments, (variable, password));
        Assert.AreEqual(1, exitCode, output);
        Assert.HasCount(1, output.Trim().Split('\n'), output);
        StringAssert.Contains(output, message);
    }

    [TestMethod]
    [DataRow("redis.sh", "REDIS_PASSWORD", "redis-server is not in PATH")]
    public async Task A_missing_program_is_named(string script, string variable, string message)
    {
        using var folder = new TemporaryFolder();
        foreach (var needed in new[] { "bash", "env" })
        {
            File.CreateSymbolicLink(folder.File(needed), ExternalProgram.Find(needed)!);
        }

        var (exitCode, output) = await RunAsync(script, [folder.File("data"), "6379"], (variable, "p"), ("PATH", folder.Path));
        Assert.AreEqual(1, exitCode, output);
        StringAssert.Contains(output, message);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Redis_is_guarded_by_its_password_which_no_command_line_shows()
    {
        await using var redis = await RedisServer.StartAsync();
        Assert.DoesNotContain("redis-test-pass", await File.ReadAllTextAsync($"/proc/{redis.Pid}/cmdline"));
        var open = redis.ConnectionString.Split(',')[0];
        await Assert.ThrowsAsync<Exception>(async () =>
        {
            using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync($"{open},connectTimeout=1000");
            await connection.GetDatabase().StringSetAsync("a", "b");
        });
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_second_PostgreSQL_on_the_same_data_is_refused_and_a_clean_stop_ends_with_0()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var (exitCode, output) = await RunAsync("postgres.sh", [postgres.DataFolder, "5999"], ("POSTGRES_PASSWORD", "p"));
        Assert.AreEqual(1, exitCode, output);
        StringAssert.Contains(output, "already runs on");
        Assert.HasCount(1, await postgres.QueryAsync("SELECT 1"));
        Assert.AreEqual(0, await postgres.StopAndGetExitCodeAsync());
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string script, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(Repository.Root, "eng", "infra", script));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, await output + error);
    }
}
