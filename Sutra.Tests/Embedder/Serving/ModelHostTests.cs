using Sutra.Embedder.Http;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Serving;

[TestClass]
public sealed class ModelHostTests
{
    [TestMethod]
    public async Task Models_are_routed_by_name_and_by_name_at_revision()
    {
        using var folders = new TemporaryFolder();
        using var embedder = Create(folders, sizes: "1GiB", "default", "other");

        var byDefault = await EmbedAsync(embedder, null);
        var other = await EmbedAsync(embedder, "other");
        var again = await EmbedAsync(embedder, other.Model.Id);

        Assert.AreEqual("default", byDefault.Model.Name);
        Assert.AreEqual(other.Model, again.Model);
        Assert.AreNotEqual(byDefault.Model.Revision, other.Model.Revision);
        var error = await Assert.ThrowsExactlyAsync<UnknownModelException>(() => EmbedAsync(embedder, "nobody"));
        StringAssert.Contains(error.Message, "'default', 'other'");
        await Assert.ThrowsExactlyAsync<UnknownModelException>(() => EmbedAsync(embedder, "other@000000000000"));
    }

    [TestMethod]
    public async Task The_model_used_longest_ago_leaves_when_room_is_needed_and_the_default_never()
    {
        using var folders = new TemporaryFolder();
        var time = new ManualTime();
        var size = SizeOfOne(folders);
        using var embedder = Create(folders, time, sizes: $"{(3 * size) + (size / 2)}", "default", "a", "b", "c");

        foreach (var name in new[] { null, "a", "b", "a", "c" })
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await EmbedAsync(embedder, name);
        }

        CollectionAssert.AreEquivalent(new[] { "default", "a", "c" }, embedder.Host.Loaded().Select(model => model.Name).ToArray());
        Assert.AreEqual("b", (await EmbedAsync(embedder, "b")).Model.Name, "what has left comes back when it is asked for");
    }

    [TestMethod]
    public async Task What_left_the_memory_answers_to_the_revision_that_it_had_and_to_none_other()
    {
        using var folders = new TemporaryFolder();
        using var embedder = Create(folders, sizes: $"{SizeOfOne(folders) * 3 / 2}", "default", "a");
        var answered = (await EmbedAsync(embedder, "a")).Model;
        Assert.IsFalse(embedder.Host.Loaded().Any(model => model.Name == "a"));
        Assert.AreEqual(answered, (await EmbedAsync(embedder, answered.Id)).Model);
        await Assert.ThrowsExactlyAsync<UnknownModelException>(() => EmbedAsync(embedder, "a@000000000000"));

        TestModel.Write(folders.File("a"), maxTokens: 32);
        await Assert.ThrowsExactlyAsync<UnknownModelException>(() => EmbedAsync(embedder, answered.Id), "its files are others now");
        Assert.AreNotEqual(answered, (await EmbedAsync(embedder, "a")).Model);
    }

    [TestMethod]
    public async Task A_revision_that_only_its_files_say_is_read_from_them()
    {
        using var folders = new TemporaryFolder();
        using var embedder = Create(folders, sizes: "1GiB", "default", "other");
        var identity = ModelIdentity.Of(ModelFolder.Open(folders.File("other")), "other");
        Assert.AreEqual(identity, (await EmbedAsync(embedder, identity.Id)).Model);
    }

    [TestMethod]
    public async Task A_model_in_use_stays_until_it_is_given_back()
    {
        using var folders = new TemporaryFolder();
        using var embedder = Create(folders, sizes: $"{SizeOfOne(folders) * 3 / 2}", "default", "a", "b");

        using (await embedder.Host.AcquireAsync("a"))
        {
            await EmbedAsync(embedder, "b");
            Assert.IsTrue(embedder.Host.Loaded().Any(model => model.Name == "a"));
        }

        await EmbedAsync(embedder, null);
        CollectionAssert.AreEquivalent(new[] { "default" }, embedder.Host.Loaded().Select(model => model.Name).ToArray());
    }

    [TestMethod]
    public async Task However_many_ask_at_once_a_model_is_loaded_once()
    {
        using var folders = new TemporaryFolder();
        using var embedder = Create(folders, sizes: "1GiB", "default", "other");
        var leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => embedder.Host.AcquireAsync("other").AsTask()));
        Assert.AreEqual(1, leases.Select(lease => lease.Model).Distinct().Count());
        Array.ForEach(leases, lease => lease.Dispose());
    }

    [TestMethod]
    public async Task A_model_that_cannot_be_loaded_says_why_and_is_tried_again_later()
    {
        using var folders = new TemporaryFolder();
        var time = new ManualTime();
        using var embedder = Create(folders, time, sizes: "1GiB", "default", "broken");
        var tokenizer = Path.Combine(folders.File("broken"), "tokenizer.json");
        File.Move(tokenizer, tokenizer + ".away");
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ModelUnavailableException>(() => EmbedAsync(embedder, "broken"))).Message, "tokenizer.json");

        File.Move(tokenizer + ".away", tokenizer);
        time.Advance(TimeSpan.FromSeconds(3.5));
        var error = await Assert.ThrowsExactlyAsync<ModelUnavailableException>(() => EmbedAsync(embedder, "broken"));
        Assert.AreEqual(TimeSpan.FromSeconds(6.5), error.RetryAfter);
        Assert.AreEqual(7, Refusals.For(error).RetryAfterSeconds);
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.AreEqual("broken", (await EmbedAsync(embedder, "broken")).Model.Name);
        Assert.AreEqual("default", (await EmbedAsync(embedder, null)).Model.Name);
    }

    [TestMethod]
    public async Task A_file_that_cannot_be_read_is_a_model_that_cannot_be_used_now()
    {
        using var folders = new TemporaryFolder();
        var time = new ManualTime();
        using var embedder = Create(folders, time, sizes: "1GiB", "default", "unread");
        var link = Path.Combine(folders.File("unread"), "onnx", "model.onnx_data");
        File.CreateSymbolicLink(link, folders.File("nowhere"));
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ModelUnavailableException>(() => EmbedAsync(embedder, "unread"))).Message, "model.onnx_data");

        File.Delete(link);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.AreEqual("unread", (await EmbedAsync(embedder, "unread")).Model.Name);
    }

    [TestMethod]
    public async Task A_model_larger_than_all_may_be_together_is_refused()
    {
        using var folders = new TemporaryFolder();
        using var embedder = Create(folders, sizes: "10kB", "default");
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ModelUnavailableException>(() => EmbedAsync(embedder, null))).Message, "MODEL_CACHE_SIZE");
    }

    [TestMethod]
    [DataRow("2GB", 2_000_000_000)]
    [DataRow("512MiB", 512L << 20)]
    [DataRow(" 10 kb ", 10_000)]
    [DataRow("123", 123)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes) => Assert.AreEqual(bytes, ByteSize.Parse(text));

    private static InProcessEmbedder Create(TemporaryFolder folders, string sizes, params string[] names) => Create(folders, null, sizes, names);

    private static long SizeOfOne(TemporaryFolder folders)
    {
        TestModel.Write(folders.File("probe"));
        return new DirectoryInfo(folders.File("probe")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }

    // Another number of positions for each, so that each is a model of its own.
    private static InProcessEmbedder Create(TemporaryFolder folders, TimeProvider? time, string sizes, params string[] names)
    {
        foreach (var (index, name) in names.Index())
        {
            TestModel.Write(folders.File(name), maxTokens: 64 + index);
        }

        return new InProcessEmbedder(
            folders.File(names[0]),
            serve: serving => serving.ModelCacheSize = sizes,
            time: time,
            sources: new FixedModels([.. names[1..].Select(name => new AvailableModel(name, folders.File(name)))]));
    }

    private static Task<EmbeddingAnswer> EmbedAsync(InProcessEmbedder embedder, string? model) =>
        embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["the cat"], Model = model });
}
