using System.Net;
using System.Net.Http.Json;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder;

[TestClass]
[TestCategory("Slow")]
public sealed class StartTests
{
    private static readonly (string Name, Action<string> Break, string Says)[] Broken =
    [
        ("no such folder", folder => Directory.Delete(folder, recursive: true), "does not exist"),
        ("an empty folder", folder => { Directory.Delete(folder, recursive: true); Directory.CreateDirectory(folder); }, "model.onnx"),
        ("a model that is none", folder => File.WriteAllText(Path.Combine(folder, "onnx/model.onnx"), "no model"), "model.onnx"),
        ("half a model", Halve, "model.onnx"),
        ("no tokenizer", folder => File.Delete(Path.Combine(folder, "tokenizer.json")), "tokenizer.json"),
        ("a tokenizer that is no JSON", folder => File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{"), "tokenizer.json"),
        ("a file of weights that cannot be read", folder => File.CreateSymbolicLink(Path.Combine(folder, "onnx/model.onnx_data"), folder + "-away"), "model.onnx_data"),
        ("a config that is no JSON", folder => File.WriteAllText(Path.Combine(folder, "config.json"), "?"), "config.json"),
    ];

    public static IEnumerable<object[]> Cases => Broken.Select(broken => new object[] { broken.Name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public async Task A_broken_model_folder_leaves_the_process_alive_and_not_ready_and_says_why(string name)
    {
        using var folder = new TemporaryFolder();
        var model = folder.File("model");
        TestModel.Write(model);
        var (_, breakIt, says) = Broken.Single(broken => broken.Name == name);
        breakIt(model);

        await using var embedder = EmbedderProcess.StartUnready(model);
        using var http = embedder.CreateClient();
        var report = await ReportAsync(embedder, http);

        StringAssert.Contains(report, says);
        Assert.AreEqual(HttpStatusCode.OK, (await http.GetAsync("/alive")).StatusCode);
        using var refused = await http.PostAsJsonAsync("/v1/embeddings", new { model = "model", input = "cat" });
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        StringAssert.Contains(await refused.Content.ReadAsStringAsync(), "model_unavailable");
        Assert.IsFalse(embedder.Process.Output.Contains("   at ", StringComparison.Ordinal), embedder.Process.Output);
    }

    [TestMethod]
    public async Task A_model_that_appears_later_is_served_without_a_new_start()
    {
        using var folder = new TemporaryFolder();
        var model = folder.File("model");
        await using var embedder = EmbedderProcess.StartUnready(model, ("Embedder__ModelRetry", "00:00:00.100"));
        using var http = embedder.CreateClient();
        StringAssert.Contains(await ReportAsync(embedder, http), "does not exist");

        TestModel.Write(model);

        await embedder.Process.WaitForOkAsync(new Uri(embedder.Http, "/ready").ToString());
        using var served = await http.PostAsJsonAsync("/v1/embeddings", new { model = "model", input = "cat" });
        Assert.AreEqual(HttpStatusCode.OK, served.StatusCode);
    }

    [TestMethod]
    public async Task Without_ICU_a_tokenizer_that_strips_accents_is_not_served_silently_wrong()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        await using var embedder = EmbedderProcess.StartUnready(folder.Path, ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"));
        using var http = embedder.CreateClient();
        StringAssert.Contains(await ReportAsync(embedder, http), "ICU");
    }

    /// <summary>What <c>/ready</c> says, once the process listens and has tried.</summary>
    private static async Task<string> ReportAsync(EmbedderProcess embedder, HttpClient http)
    {
        await embedder.Process.WaitForOkAsync(new Uri(embedder.Http, "/alive").ToString());
        using var ready = await http.GetAsync("/ready");
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        return await ready.Content.ReadAsStringAsync();
    }

    [TestMethod]
    [DataRow("Embedder__QueueCapacity", "5", "QueueCapacity")]
    [DataRow("Embedder__Workers", "-1", "Workers")]
    [DataRow("Embedder__BatchTokens", "0", "BatchTokens")]
    [DataRow("Identity__Key", "short", "Identity:Key")]
    [DataRow("HARDWARE_PROFILE", "quantum", "HARDWARE_PROFILE")]
    [DataRow("MODEL_CACHE_SIZE", "much", "MODEL_CACHE_SIZE")]
    [DataRow("ConnectionStrings__cache", "localhost,nonsense=1", "ConnectionStrings:cache")]
    [DataRow("Embedder__Cache__MemoryBytes", "-1", "Embedder:Cache:MemoryBytes")]
    [DataRow("Embedder__Cache__HashKey", "short", "Embedder:Cache:HashKey")]
    [DataRow("Embedder__Cache__Shared", "sometimes", "Embedder:Cache:Shared")]
    public async Task A_bad_setting_stops_the_start_with_one_line(string name, string value, string says)
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        await AssertStopsAsync(folder.Path, says, (name, value));
    }

    [TestMethod]
    public async Task The_built_in_model_is_served_when_none_is_named()
    {
        await using var embedder = await EmbedderProcess.StartAsync();
        using var http = embedder.CreateClient();
        StringAssert.Contains(await http.GetStringAsync("/v1/models"), "\"sutra-static\"");
    }

    private static async Task AssertStopsAsync(string model, string says, params (string, string)[] settings)
    {
        await using var process = EmbedderProcess.Start(model, FreePort.Next(), FreePort.Next(), settings);
        await process.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        var lines = process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreEqual(1, process.Process.ExitCode, process.Output);
        var line = lines.Single(l => l.StartsWith("Sutra.Embedder did not start:", StringComparison.Ordinal));
        StringAssert.Contains(line, says);
        Assert.IsFalse(process.Output.Contains("   at ", StringComparison.Ordinal), process.Output);
    }

    private static void Halve(string folder)
    {
        var path = Path.Combine(folder, "onnx/model.onnx");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
    }
}
