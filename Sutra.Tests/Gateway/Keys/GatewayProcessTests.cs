using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Keys;

[TestClass]
[TestCategory("Slow")]
public sealed class GatewayProcessTests
{
    [TestMethod]
    public async Task Output_that_somebody_may_keep_has_the_file_of_the_first_key_and_never_the_key()
    {
        using var folder = new TemporaryFolder();
        var port = FreePort.Next();
        for (var start = 0; start < 2; start++)
        {
            var output = await OutputOfAStartAsync(folder, port);
            Assert.DoesNotContain((await File.ReadAllTextAsync(folder.File("first.key"))).Trim(), output);
            StringAssert.Contains(output, $"curl -sS http://localhost:8080/api/learn -H \"Authorization: Bearer $(cat '{folder.File("first.key")}')\"");
        }
    }

    [TestMethod]
    public async Task A_terminal_gets_the_key_at_the_first_start_and_never_again()
    {
        if (ExternalProgram.Find("script") is null || OperatingSystem.IsMacOS())
        {
            Assert.Inconclusive("There is no script (util-linux), which would be the terminal.");
        }

        using var folder = new TemporaryFolder();
        var port = FreePort.Next();
        var first = await OutputOfAStartAsync(folder, port, terminal: true);
        var key = (await File.ReadAllTextAsync(folder.File("first.key"))).Trim();
        StringAssert.Contains(first, $"-H \"Authorization: Bearer {key}\"");
        Assert.AreEqual(first.IndexOf(key, StringComparison.Ordinal), first.LastIndexOf(key, StringComparison.Ordinal), "it is printed more than once");
        Assert.DoesNotContain(key, await OutputOfAStartAsync(folder, port, terminal: true));
    }

    [TestMethod]
    public async Task A_corrupt_key_file_is_one_clear_line_and_an_exit_code()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("keys.json"), "{ torn");

        await AssertRefusedAsync(Settings(folder, FreePort.Next()), folder.File("keys.json"));

        Assert.AreEqual("{ torn", await File.ReadAllTextAsync(folder.File("keys.json")));
        Assert.IsFalse(File.Exists(folder.File("first.key")));
    }

    [TestMethod]
    [DataRow("Gateway__KeysPath", "", "Gateway:KeysPath")]
    [DataRow("Gateway__FirstKeyPath", "", "Gateway:FirstKeyPath")]
    [DataRow("Gateway__PublicUrl", "ftp://somewhere", "Gateway:PublicUrl")]
    [DataRow("Gateway__MaxBodyBytes", "7", "Gateway:MaxBodyBytes")]
    [DataRow("Gateway__ConnectTimeout", "soon", "ConnectTimeout")]
    [DataRow("Identity__Key", "short", "Identity:Key")]
    public async Task A_bad_setting_is_one_clear_line_and_an_exit_code(string name, string value, string says)
    {
        using var folder = new TemporaryFolder();
        var settings = Settings(folder, FreePort.Next());
        settings[name] = value;

        await AssertRefusedAsync(settings, says);
    }

    private static async Task AssertRefusedAsync(Dictionary<string, string?> settings, string says)
    {
        await using var gateway = ServiceProcess.Start(Repository.Program("Sutra.Gateway"), settings);
        await gateway.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        gateway.Process.WaitForExit();

        Assert.AreNotEqual(0, gateway.Process.ExitCode);
        var lines = gateway.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(1, lines, gateway.Output);
        StringAssert.Contains(lines[0], says);
    }

    private static async Task<string> OutputOfAStartAsync(TemporaryFolder folder, int port, bool terminal = false)
    {
        var program = Repository.Program("Sutra.Gateway");
        await using var gateway = terminal
            ? ServiceProcess.StartProgram("script", Settings(folder, port), "-q", "-e", "-c", $"dotnet '{program}'", "/dev/null")
            : ServiceProcess.Start(program, Settings(folder, port));
        await gateway.WaitForOkAsync($"http://127.0.0.1:{port}/alive");
        for (var waited = 0; !gateway.Output.Contains("curl", StringComparison.Ordinal) && waited < 100; waited++)
        {
            await Task.Delay(50);
        }

        return gateway.Output;
    }

    private static Dictionary<string, string?> Settings(TemporaryFolder folder, int port) => new(StringComparer.Ordinal)
    {
        ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
        ["Gateway__KeysPath"] = folder.File("keys.json"),
        ["Gateway__FirstKeyPath"] = folder.File("first.key"),
        ["Identity__Key"] = GatewayHost.IdentityKey,
        ["services__api__http__0"] = "http://127.0.0.1:9",
        ["services__embedder__http__0"] = "http://127.0.0.1:9",
    };
}
