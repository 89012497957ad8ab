using System.Diagnostics;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Store;

[TestClass]
public sealed class ModelStoreTests
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    [TestMethod]
    public void An_empty_store_holds_nothing_and_makes_no_folder()
    {
        using var folder = new TemporaryFolder();
        var store = new ModelStore(folder.File("models"), TimeProvider.System);

        Assert.IsEmpty(store.List());
        Assert.IsNull(store.Find("acme/tiny"));
        Assert.IsEmpty(store.Sweep(Month, _ => false));
        Assert.IsFalse(Directory.Exists(store.Root));
    }

    [TestMethod]
    public async Task Damage_of_every_kind_is_found()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var model = (await test.PullAsync()).Model;
        var read = new Progress();
        Assert.IsEmpty(await test.Store.VerifyAsync(model, read, default));
        Assert.AreEqual(model.Bytes, read.Last);

        var onnx = Path.Combine(model.Path, "onnx", "model.onnx");
        using (var file = File.OpenWrite(onnx))
        {
            file.Position = 300_000;
            file.WriteByte(7);
        }

        File.Delete(Path.Combine(model.Path, "config.json"));
        File.Move(Path.Combine(model.Path, "tokenizer.json"), test.Folder.File("tokenizer.json"));
        File.CreateSymbolicLink(Path.Combine(model.Path, "tokenizer.json"), test.Folder.File("tokenizer.json"));

        var problems = await test.Store.VerifyAsync(model, null, default);
        CollectionAssert.AreEquivalent(
            new[] { "onnx/model.onnx: is not what was pulled", "config.json: is missing", "tokenizer.json: is a link" },
            problems.ToArray());
        Assert.IsEmpty(test.Store.List(), "a model without one of its files is none");
        Assert.AreEqual(model.Path, test.Store.Broken().Single());
        Assert.IsTrue(test.Store.RemoveBroken(model.Path));
        Assert.IsFalse(Directory.Exists(model.Path));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{}")]
    [DataRow("null")]
    [DataRow("""{"format": 2}""")]
    public async Task A_folder_without_a_right_manifest_is_no_model(string manifest)
    {
        await using var test = await StoreUnderTest.StartAsync();
        var model = (await test.PullAsync()).Model;
        File.WriteAllText(Path.Combine(model.Path, "manifest.json"), manifest);
        Assert.IsNull(test.Store.Find("acme/tiny"));
        Assert.IsNull(test.Store.Find(model.Id));
    }

    [TestMethod]
    public async Task A_manifest_that_points_elsewhere_or_names_another_model_is_no_model()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var model = (await test.PullAsync()).Model;
        var path = Path.Combine(model.Path, "manifest.json");
        var manifest = File.ReadAllText(path);
        foreach (var (from, to) in new[] { ("\"config.json\"", "\"../config.json\""), ("\"name\": \"acme/tiny\"", "\"name\": \"acme/other\""), ("\"precision\": \"fp32\"", "\"precision\": \"int8\"") })
        {
            StringAssert.Contains(manifest, from);
            File.WriteAllText(path, manifest.Replace(from, to, StringComparison.Ordinal));
            Assert.IsEmpty(test.Store.List(), to);
        }

        File.WriteAllText(path, manifest);
        Assert.HasCount(1, test.Store.List());
    }

    [TestMethod]
    public async Task Models_that_nothing_used_for_a_month_go_and_the_others_stay()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var time = new ManualTime(DateTimeOffset.UtcNow);
        var store = new ModelStore(test.Store.Root, time);
        var old = (await test.PullAsync()).Model;
        var used = (await test.PullAsync(precision: ModelPrecision.Int8)).Model;

        time.Advance(TimeSpan.FromDays(20));
        store.Touch(used);
        Assert.IsEmpty(store.Sweep(Month, _ => false));

        time.Advance(TimeSpan.FromDays(11));
        Assert.IsEmpty(store.Sweep(TimeSpan.Zero, _ => false), "0 days: never");
        Assert.IsEmpty(store.Sweep(Month, model => model.Precision == ModelPrecision.Float32), "the configured model stays");
        using (store.Lease(old))
        {
            Assert.IsEmpty(store.Sweep(Month, _ => false), "a model in use stays");
        }

        Assert.AreEqual(old.Path, store.Sweep(Month, _ => false).Single().Path);
        Assert.AreEqual(used.Path, store.List().Single().Path);
        Assert.AreEqual(0, Directory.EnumerateFileSystemEntries(Path.Combine(store.Root, ".trash")).Count());

        time.Advance(Month);
        Assert.HasCount(1, store.Sweep(Month, _ => false));
    }

    [TestMethod]
    public async Task What_a_pull_left_behind_goes_after_a_week()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.Files["modules.json"] = """[{"type": "st.Dense"}]"""u8.ToArray();
        await test.RefusedAsync();
        var partial = Directory.EnumerateDirectories(Path.Combine(test.Store.Root, ".partial")).Single();

        var time = new ManualTime(DateTimeOffset.UtcNow + TimeSpan.FromDays(6));
        var store = new ModelStore(test.Store.Root, time);
        store.Sweep(TimeSpan.Zero, _ => false);
        Assert.IsTrue(Directory.Exists(partial));

        time.Advance(TimeSpan.FromDays(2));
        store.Sweep(TimeSpan.Zero, _ => false);
        Assert.IsFalse(Directory.Exists(partial));
    }

    [TestMethod]
    public async Task A_model_in_use_cannot_be_removed_and_a_removed_one_not_be_leased()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var model = (await test.PullAsync()).Model;
        var first = test.Store.Lease(model);
        var second = new ModelStore(test.Store.Root, TimeProvider.System).Lease(model);
        Assert.IsNotNull(first);
        Assert.IsNotNull(second, "several may use it");

        first.Dispose();
        Assert.IsFalse(test.Store.Remove(model));
        second.Dispose();
        Assert.IsTrue(test.Store.Remove(model));
        Assert.IsNull(test.Store.Lease(model));
        Assert.IsNull(test.Store.Find("acme/tiny"));
    }

    [TestMethod]
    public async Task A_lease_of_another_process_counts_too()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/flock"))
        {
            Assert.Inconclusive("flock(1) stands in for the other process, and is not installed.");
        }

        await using var test = await StoreUnderTest.StartAsync();
        var model = (await test.PullAsync()).Model;
        test.Store.Lease(model)!.Dispose();
        var lease = Directory.EnumerateFiles(Path.Combine(test.Store.Root, ".locks"), "*.lease").Single();
        using var other = Process.Start(new ProcessStartInfo("/usr/bin/flock", ["-s", lease, "sh", "-c", "echo held; read line"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.AreEqual("held", await other.StandardOutput.ReadLineAsync());
        Assert.IsFalse(test.Store.Remove(model));

        other.StandardInput.Close();
        await other.WaitForExitAsync();
        Assert.IsTrue(test.Store.Remove(model));
    }

    [TestMethod]
    public async Task Use_is_noted()
    {
        await using var test = await StoreUnderTest.StartAsync();
        var model = (await test.PullAsync()).Model;
        Assert.AreEqual(model.PulledAt, model.LastUsed);

        var now = DateTimeOffset.UtcNow + TimeSpan.FromHours(1);
        new ModelStore(test.Store.Root, new ManualTime(now)).Touch(model);
        Assert.IsLessThan(1, Math.Abs((now - test.Store.Find("acme/tiny")!.LastUsed).TotalSeconds));
        Assert.IsEmpty(await test.Store.VerifyAsync(model, null, default), "the stamp is no damage");
    }

    [TestMethod]
    [DataRow("http://huggingface.co")]
    [DataRow("ftp://127.0.0.1")]
    [DataRow("https://me:secret@hub.example")]
    [DataRow("hub.example")]
    public void A_hub_that_could_be_overheard_is_refused(string endpoint)
    {
        var message = Assert.ThrowsExactly<ModelStoreException>(() => HubOptions.ParseEndpoint(endpoint)).Message;
        Assert.DoesNotContain("secret", message);
    }

    [TestMethod]
    [DataRow("https://hub.example/mirror", "https://hub.example/mirror/")]
    [DataRow("http://127.0.0.1:8080", "http://127.0.0.1:8080/")]
    public void A_mirror_may_stand_below_a_path(string endpoint, string expected)
    {
        Assert.AreEqual(expected, HubOptions.ParseEndpoint(endpoint).AbsoluteUri);
    }

    private sealed class Progress : IProgress<long>
    {
        public long Last { get; private set; }

        public void Report(long value) => Last = value;
    }
}
