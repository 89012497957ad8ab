using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Store;

[TestClass]
public sealed class UnusedModelSweepTests
{
    [TestMethod]
    public async Task Stored_models_are_served_by_name_and_those_that_stay_unused_leave()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var clock = new ManualTime(DateTimeOffset.UtcNow);
        var store = new ModelStore(test.Store.Root, clock);
        await test.PullAsync();
        using var models = test.Serve(clock, store);
        var served = models.List().Single();
        Assert.AreEqual(("acme/tiny", FakeHub.Commit), (served.Name, served.Commit));
        Assert.AreEqual(ModelPrecision.Float32, served.Open().Onnx.Precision);

        var sweep = Sweep(models, clock, new StoreOptions(), new EmbedderOptions());
        clock.Advance(TimeSpan.FromDays(29));
        served.OnUse!();
        Assert.IsFalse(store.Remove(store.List()[0]), "a model that this process uses is leased");
        clock.Advance(TimeSpan.FromDays(29));
        sweep();
        Assert.HasCount(1, models.List());

        clock.Advance(TimeSpan.FromDays(2));
        sweep();
        Assert.IsEmpty(models.List());
    }

    [TestMethod]
    public async Task The_configured_model_and_pinned_ones_stay()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var clock = new ManualTime(DateTimeOffset.UtcNow + TimeSpan.FromDays(400));
        var store = new ModelStore(test.Store.Root, clock);
        var model = (await test.PullAsync()).Model;
        using var models = test.Serve(clock, store);

        Sweep(models, clock, new StoreOptions(), new EmbedderOptions { ModelPath = model.Path + "/" })();
        Sweep(models, clock, new StoreOptions(), new EmbedderOptions { ModelName = "acme/tiny" })();
        Sweep(models, clock, new StoreOptions { PinnedModels = { "Acme/Tiny" } }, new EmbedderOptions())();
        Sweep(models, clock, new StoreOptions { UnusedModelDays = 0 }, new EmbedderOptions())();
        Assert.HasCount(1, store.List());

        Sweep(models, clock, new StoreOptions { UnusedModelDays = 399 }, new EmbedderOptions())();
        Assert.IsEmpty(store.List());
    }

    private static Action Sweep(StoredModels models, TimeProvider time, StoreOptions store, EmbedderOptions embedder) =>
        new UnusedModelSweep(models, Options.Create(store), Options.Create(embedder), time, NullLogger<UnusedModelSweep>.Instance).Sweep;
}
