using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Store;

/// <summary>An empty store, and a hub that has one small model.</summary>
internal sealed class StoreUnderTest : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private StoreUnderTest(FakeHub hub)
    {
        Hub = hub;
        Store = new ModelStore(_folder.File("models"), TimeProvider.System);
        Options = new HubOptions
        {
            Endpoint = hub.Endpoint,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            IdleTimeout = TimeSpan.FromSeconds(10),
            Attempts = 4,
        };
    }

    public FakeHub Hub { get; }

    public ModelStore Store { get; }

    public HubOptions Options { get; set; }

    public ModelCatalog Catalog { get; set; } = ModelCatalog.BuiltIn;

    /// <summary>A folder that only this test has.</summary>
    public TemporaryFolder Folder => _folder;

    public static async Task<StoreUnderTest> StartAsync()
    {
        var hub = await FakeHub.StartAsync();
        using var model = new TemporaryFolder();
        TestModel.Write(model.Path, maxTokens: 8);
        foreach (var file in new[] { "onnx/model.onnx", "tokenizer.json", "config.json" })
        {
            hub.Files[file] = File.ReadAllBytes(model.File(file));
        }

        // Larger than what one write carries, so that there is a middle to be cut in.
        hub.Files["onnx/model.onnx"] = [.. hub.Files["onnx/model.onnx"], .. new byte[(1 << 19) - hub.Files["onnx/model.onnx"].Length]];
        hub.Files["1_Pooling/config.json"] = """{"pooling_mode_mean_tokens": true}"""u8.ToArray();
        hub.Files["modules.json"] = """[{"type": "st.Transformer"}, {"type": "st.Pooling", "path": "1_Pooling"}, {"type": "st.Normalize"}]"""u8.ToArray();
        hub.Files["README.md"] = "# Tiny"u8.ToArray();
        hub.Files["pytorch_model.bin"] = new byte[100];
        hub.Files["onnx/model_int8.onnx"] = Encoding.ASCII.GetBytes("int8 weights, or so");
        return new StoreUnderTest(hub);
    }

    public Task<PullResult> PullAsync(
        string name = FakeHub.Repository, ModelPrecision? precision = null, IProgress<PullProgress>? progress = null, Action? waiting = null, CancellationToken cancellation = default)
    {
        Assert.IsTrue(ModelReference.TryParse(name, out var reference));
        return new ModelPuller(Store, Catalog, Options, TimeProvider.System).PullAsync(reference, precision, progress, waiting, cancellation);
    }

    /// <summary>What the store holds, to be served.</summary>
    public StoredModels Serve(TimeProvider? time = null, ModelStore? store = null) =>
        new(store ?? Store, Catalog, time ?? TimeProvider.System, NullLogger<StoredModels>.Instance);

    /// <summary>The pull fails, and what the store holds is what it held.</summary>
    public async Task<string> RefusedAsync(string name = FakeHub.Repository, ModelPrecision? precision = null)
    {
        var message = (await Assert.ThrowsExactlyAsync<ModelStoreException>(() => PullAsync(name, precision))).Message;
        Assert.IsEmpty(Store.List());
        Assert.IsEmpty(Store.Broken());
        Assert.DoesNotContain("\n", message);
        return message;
    }

    /// <summary>Every file beside the catalog's models, relative to the root.</summary>
    public IEnumerable<string> FilesIn(StoredModel model) =>
        Directory.EnumerateFiles(model.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(model.Path, path).Replace('\\', '/')).Order(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        _folder.Dispose();
    }
}
