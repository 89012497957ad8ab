using System.Text.Json;

namespace Sutra.Tests.Standins.GrpcRuntime;

/// <summary>Our client against grpc-js' server.</summary>
[TestClass]
public sealed class NodeServerTests : ClientContract
{
    private static GrpcJs? _node;
    private static string _address = "";

    private protected override string Address => _address;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        _node = GrpcJs.Start("probe-server.mjs");
        _address = $"http://127.0.0.1:{await _node.ReadLineAsync(TimeSpan.FromSeconds(30))}";
    }

    [ClassCleanup]
    public static void Stop() => _node?.Dispose();

    [TestMethod]
    public async Task Compressed_responses_of_grpc_js_are_understood()
    {
        using var node = GrpcJs.Start("probe-server.mjs", "gzip");
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress($"http://127.0.0.1:{await node.ReadLineAsync(TimeSpan.FromSeconds(30))}");
        var text = string.Concat(Enumerable.Repeat("again ", 5000));
        Assert.AreEqual(text, (await new Probe.ProbeClient(channel).UnaryAsync(new ProbeRequest { Text = text })).Text);
    }
}

/// <summary>grpc-js' client against our server; the checks are in probe-client.mjs.</summary>
[TestClass]
public sealed class NodeClientTests
{
    private static readonly Dictionary<string, (bool Ok, string Detail)> Results = [];

    [ClassInitialize]
    public static async Task RunChecksAsync(TestContext _)
    {
        await using var host = await ProbeHost.StartAsync();
        using var node = GrpcJs.Start("probe-client.mjs", host.Address);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (await node.Process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            var result = JsonDocument.Parse(line).RootElement;
            Results[result.GetProperty("name").GetString()!] = (result.GetProperty("ok").GetBoolean(), result.GetProperty("detail").GetString()!);
        }

        if (Results.Count == 0)
        {
            Assert.Fail(await node.ErrorsAsync());
        }
    }

    [TestMethod]
    [DataRow("unary")]
    [DataRow("metadata")]
    [DataRow("error details")]
    [DataRow("handler exception")]
    [DataRow("unimplemented method and service")]
    [DataRow("expired deadline")]
    [DataRow("cancelled call")]
    [DataRow("client streaming")]
    [DataRow("client streaming refused")]
    [DataRow("server streaming")]
    [DataRow("server streaming with an error")]
    [DataRow("server streaming cancelled")]
    [DataRow("duplex streaming")]
    [DataRow("message sizes")]
    [DataRow("gzip both ways")]
    [DataRow("deflate")]
    [DataRow("authorization")]
    [DataRow("a thousand calls at once")]
    public void Grpc_js_gets_what_it_asked_for(string check)
    {
        Assert.IsTrue(Results.TryGetValue(check, out var result), $"The check '{check}' did not run.");
        Assert.IsTrue(result.Ok, result.Detail);
    }
}
