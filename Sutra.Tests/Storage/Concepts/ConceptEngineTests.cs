using System.Security.Cryptography;
using System.Text;
using Sutra.Contracts.Concepts;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Log;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Concepts;

[TestClass]
public sealed class ConceptEngineTests
{
    [TestMethod]
    public async Task A_concept_comes_back_as_it_was_learned_before_and_after_a_restart()
    {
        var disk = new SimulatedDisk();
        var learned = EngineHarness.Concept(
            "The river froze. 河が凍った。 \U0001F9CA\0",
            [1.5f, -0f, float.Epsilon, 3e38f],
            "a model",
            new Dictionary<string, string> { ["source"] = "diary", ["empty"] = "", ["schlüssel"] = "wert" },
            new Association(new ConceptId(7), "mentions", 0.25f),
            new Association(new ConceptId(ulong.MaxValue), "causes", 1f));
        LearnResult result;
        using (var engine = EngineHarness.Open(disk))
        {
            result = await engine.LearnAsync(learned);
            Assert.IsTrue(result.Created);
            EngineHarness.AssertSame(learned, engine.Get(result.Id));
        }

        using var reopened = EngineHarness.Open(disk);
        EngineHarness.AssertSame(learned, reopened.Get(result.Id));
        Assert.AreEqual(result.Id, reopened.Search([1.5f, 0, 0, 3e38f], "a model", 1).Single().Concept.Id);
    }

    [TestMethod]
    public async Task An_id_is_the_first_64_bits_of_the_contents_sha256()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var result = await engine.LearnAsync(EngineHarness.Concept("hello"));
        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("hello")))[..16], result.Id.ToString());
    }

    [TestMethod]
    public async Task The_same_content_again_replaces_everything_else_under_the_same_id()
    {
        var disk = new SimulatedDisk();
        ConceptId id;
        var second = EngineHarness.Concept("same", [0, 1, 0], metadata: new Dictionary<string, string> { ["version"] = "2" });
        using (var engine = EngineHarness.Open(disk))
        {
            id = (await engine.LearnAsync(EngineHarness.Concept("same", [1, 0, 0], metadata: new Dictionary<string, string> { ["version"] = "1", ["old"] = "x" }))).Id;
            var result = await engine.LearnAsync(second);
            Assert.AreEqual(new LearnResult(id, Created: false), result);
            Verify(engine);
        }

        using var reopened = EngineHarness.Open(disk);
        Verify(reopened);

        void Verify(ConceptEngine engine)
        {
            EngineHarness.AssertSame(second, engine.Get(id));
            Assert.AreEqual(1, engine.Statistics.Concepts);
            var hits = engine.Search([1, 0, 0], EngineHarness.Model, 10);
            Assert.HasCount(1, hits, "the first embedding is not found any more");
            Assert.AreEqual(0f, hits[0].Score);
        }
    }

    [TestMethod]
    public async Task A_deleted_concept_is_gone_and_stays_gone_until_it_is_learned_again()
    {
        var disk = new SimulatedDisk();
        ConceptId id;
        using (var engine = EngineHarness.Open(disk))
        {
            id = (await engine.LearnAsync(EngineHarness.Concept("short-lived"))).Id;
            Assert.IsTrue(await engine.DeleteAsync(id));
            Assert.IsFalse(await engine.DeleteAsync(id));
            Assert.IsFalse(await engine.DeleteAsync(new ConceptId(42)));
            Verify(engine);
        }

        using var reopened = EngineHarness.Open(disk);
        Verify(reopened);
        Assert.IsTrue((await reopened.LearnAsync(EngineHarness.Concept("short-lived"))).Created);
        Assert.HasCount(1, reopened.Search([1, 2, 3], EngineHarness.Model, 10));

        void Verify(ConceptEngine engine)
        {
            Assert.IsFalse(engine.TryGet(id, out _));
            Assert.IsEmpty(engine.Search([1, 2, 3], EngineHarness.Model, 10));
            Assert.AreEqual(0, engine.Statistics.Concepts);
        }
    }

    [TestMethod]
    public async Task Contents_that_share_an_id_get_ids_of_their_own_and_keep_them_across_deletes_and_restarts()
    {
        var disk = new SimulatedDisk();
        var ids = new Dictionary<string, ConceptId>();
        using (var engine = EngineHarness.Open(disk, idBits: 6))
        {
            for (var i = 0; i < 40; i++)
            {
                ids[$"text {i}"] = (await engine.LearnAsync(EngineHarness.Concept($"text {i}"))).Id;
            }

            Assert.HasCount(40, ids.Values.Distinct().ToList());
        }

        using var reopened = EngineHarness.Open(disk, idBits: 6);
        foreach (var i in new[] { 0, 3, 5, 8, 13, 21 })
        {
            Assert.IsTrue(await reopened.DeleteAsync(ids[$"text {i}"]));
            ids.Remove($"text {i}");
        }

        foreach (var (content, id) in ids)
        {
            Assert.AreEqual(new LearnResult(id, Created: false), await reopened.LearnAsync(EngineHarness.Concept(content)), "a free id before it in its chain must not tempt it");
            Assert.AreEqual(content, reopened.Get(id).Content);
        }

        Assert.AreEqual(34, reopened.Statistics.Concepts);
    }

    [TestMethod]
    public async Task Equal_contents_learned_at_once_become_one_concept()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk(), idBits: 3);
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => engine.LearnAsync(EngineHarness.Concept($"text {i % 5}")))));

        Assert.AreEqual(5, results.Count(result => result.Created));
        Assert.AreEqual(5, engine.Statistics.Concepts);
        Assert.HasCount(5, engine.Search([1, 2, 3], EngineHarness.Model, 100));
    }

    [TestMethod]
    public async Task Every_vector_of_a_model_has_the_dimension_of_the_first_until_none_is_left()
    {
        var disk = new SimulatedDisk();
        using var engine = EngineHarness.Open(disk);
        var first = await engine.LearnAsync(EngineHarness.Concept("first", [1, 2, 3]));
        var bytes = engine.Statistics.LogBytes;

        var refusal = await Assert.ThrowsAsync<InvalidConceptException>(() => engine.LearnAsync(EngineHarness.Concept("second", [1, 2])));
        Assert.AreEqual("embedding", refusal.Field);
        Assert.AreEqual(bytes, engine.Statistics.LogBytes, "what is refused is not written");
        Assert.Throws<InvalidConceptException>(() => engine.Search([1, 2], EngineHarness.Model, 1));
        await engine.LearnAsync(EngineHarness.Concept("other model", [1, 2], "model-b"));

        await engine.LearnAsync(EngineHarness.Concept("first", [1, 2]));
        Assert.HasCount(1, engine.Search([1, 2], EngineHarness.Model, 10), "the only concept of a model may change its dimension");
        await engine.DeleteAsync(first.Id);
        await engine.LearnAsync(EngineHarness.Concept("third", [1, 2, 3, 4]));

        Assert.AreEqual("third", engine.Search([1, 2, 3, 4], EngineHarness.Model, 10).Single().Concept.Read().Content);
    }

    [TestMethod]
    public async Task The_only_concept_of_a_model_is_found_all_the_while_it_is_learned_again_amid_others()
    {
        var disk = new SimulatedDisk();
        using var engine = EngineHarness.Open(disk);
        await engine.LearnAsync(EngineHarness.Concept("only one", model: "rare"));
        using var opened = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        disk.Fault = (operation, _) =>
        {
            if (operation == "flush")
            {
                reached.Set();
                opened.Wait(TimeSpan.FromSeconds(30));
            }
        };

        // While the first is written, all the others gather to one group, whose first record is the one that counts.
        var learning = new List<Task> { engine.LearnAsync(EngineHarness.Concept("first")) };
        Assert.IsTrue(reached.Wait(TimeSpan.FromSeconds(30)));
        learning.Add(engine.LearnAsync(EngineHarness.Concept("only one", model: "rare")));
        for (var i = 0; i < 900; i++)
        {
            learning.Add(engine.LearnAsync(EngineHarness.Concept($"other {i}", EngineHarness.RandomVector(new Random(i), 1000), "large")));
        }

        disk.Fault = null;
        opened.Set();
        var all = Task.WhenAll(learning);
        do
        {
            Assert.HasCount(1, engine.Search([1, 2, 3], "rare", 10));
        }
        while (!all.IsCompleted);
        await all;
    }

    [TestMethod]
    public async Task Learners_that_race_for_a_models_dimension_agree_on_one()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            try
            {
                await engine.LearnAsync(EngineHarness.Concept($"text {i}", new float[] { 1, 2, 3, 4 }[..(2 + i % 2)]));
                return 2 + i % 2;
            }
            catch (InvalidConceptException)
            {
                return 0;
            }
        })));

        Assert.HasCount(2, outcomes.Distinct().ToList(), "one dimension and refusals");
        Assert.AreEqual(50, engine.Statistics.Concepts);
    }

    [TestMethod]
    [DynamicData(nameof(Invalid))]
    public async Task What_breaks_a_limit_is_refused_by_the_name_of_its_field(string field, NewConcept concept)
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var refusal = await Assert.ThrowsAsync<InvalidConceptException>(() => engine.LearnAsync(concept));
        Assert.AreEqual(field, refusal.Field);
        Assert.DoesNotContain("secret", refusal.Message);
        Assert.AreEqual(0, engine.Statistics.Concepts);
    }

    [TestMethod]
    public async Task What_meets_a_limit_exactly_is_taken()
    {
        var disk = new SimulatedDisk();
        var largest = EngineHarness.Concept(
            new string('c', ConceptLimits.Content),
            EngineHarness.RandomVector(new Random(1), ConceptChecks.Dimension),
            new string('m', ConceptChecks.Model),
            Enumerable.Range(0, ConceptLimits.MetadataPairs).ToDictionary(i => $"{i:d4}" + new string('k', ConceptLimits.MetadataKey - 4), _ => new string('v', ConceptLimits.MetadataValue)),
            [.. Enumerable.Range(0, ConceptLimits.Associations).Select(i => new Association(new ConceptId((ulong)i), new string('t', ConceptLimits.AssociationType), i % 2))]);
        ConceptId id;
        using (var engine = EngineHarness.Open(disk))
        {
            id = (await engine.LearnAsync(largest)).Id;
        }

        using var reopened = EngineHarness.Open(disk);
        EngineHarness.AssertSame(largest, reopened.Get(id));
    }

    [TestMethod]
    public async Task Replay_gives_the_same_bytes_and_the_same_answers()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(11);
        var ids = new List<ConceptId>();
        Dictionary<ConceptId, byte[]> before;
        var queries = Enumerable.Range(0, 20).Select(_ => EngineHarness.RandomVector(random, 16)).ToList();
        List<(ConceptId, float)> answers;
        using (var engine = EngineHarness.Open(new DiskFileSystem(), folder.Path, segmentBytes: 8 * 1024))
        {
            for (var i = 0; i < 400; i++)
            {
                if (random.Next(5) == 0 && ids.Count > 0)
                {
                    await engine.DeleteAsync(ids[random.Next(ids.Count)]);
                }
                else
                {
                    ids.Add((await engine.LearnAsync(EngineHarness.Concept($"text {random.Next(200)}", EngineHarness.RandomVector(random, 16)))).Id);
                }
            }

            before = Contents(engine);
            answers = Answers(engine);
        }

        using var reopened = EngineHarness.Open(new DiskFileSystem(), folder.Path, segmentBytes: 8 * 1024);
        var after = Contents(reopened);
        CollectionAssert.AreEquivalent(before.Keys, after.Keys);
        foreach (var (id, payload) in before)
        {
            CollectionAssert.AreEqual(payload, after[id]);
        }

        CollectionAssert.AreEqual(answers, Answers(reopened));

        Dictionary<ConceptId, byte[]> Contents(ConceptEngine engine) => ids.Distinct()
            .Where(id => engine.TryGet(id, out _))
            .ToDictionary(id => id, id => engine.TryGet(id, out var stored) ? stored.Payload.ToArray() : []);

        List<(ConceptId, float)> Answers(ConceptEngine engine) =>
            [.. queries.SelectMany(query => engine.Search(query, EngineHarness.Model, 10)).Select(hit => (hit.Concept.Id, hit.Score))];
    }

    [TestMethod]
    public async Task Disposing_twice_is_disposing_once()
    {
        var disk = new SimulatedDisk();
        var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy);
        for (var i = 0; i < 30; i++)
        {
            await engine.LearnAsync(EngineHarness.Concept($"text {i}", [1, i, 3]));
        }

        engine.Dispose();
        engine.Dispose();

        using var reopened = EngineHarness.Open(disk);
        Assert.AreEqual(30, reopened.Statistics.Concepts);
    }

    [TestMethod]
    public void Two_engines_never_have_the_same_data()
    {
        using var folder = new TemporaryFolder();
        var files = new DiskFileSystem();
        using (EngineHarness.Open(files, folder.Path))
        {
            Assert.Throws<FileLockedException>(() => EngineHarness.Open(files, folder.Path));
        }

        EngineHarness.Open(files, folder.Path).Dispose();
    }

    [TestMethod]
    public async Task After_a_failed_write_reads_go_on_and_the_reason_is_told()
    {
        var disk = new SimulatedDisk();
        using var engine = EngineHarness.Open(disk);
        var kept = await engine.LearnAsync(EngineHarness.Concept("kept"));
        disk.WritableBytes = 10;

        await Assert.ThrowsAsync<LogUnavailableException>(() => engine.LearnAsync(EngineHarness.Concept("lost")));
        await Assert.ThrowsAsync<LogUnavailableException>(() => engine.DeleteAsync(kept.Id));

        Assert.Contains("No space left", engine.Failure!);
        Assert.AreEqual("kept", engine.Get(kept.Id).Content);
        Assert.HasCount(1, engine.Search([1, 2, 3], EngineHarness.Model, 10));
        Assert.AreEqual(1, engine.Statistics.Concepts);
    }

    [TestMethod]
    public async Task A_folder_of_memories_is_closed_to_other_users()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Windows folders have no mode.");
            return;
        }

        using var folder = new TemporaryFolder();
        using var engine = EngineHarness.Open(new DiskFileSystem(), folder.File("a/b"));
        await engine.LearnAsync(EngineHarness.Concept("private"));
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.File("a/b")));
    }

    [TestMethod]
    public void Ids_are_16_lower_case_hex_digits()
    {
        Assert.IsTrue(ConceptId.TryParse("00ff0123456789ab", out var id));
        Assert.AreEqual("00ff0123456789ab", id.ToString());
        foreach (var wrong in new[] { null, "", "0", "00ff0123456789a", "00ff0123456789abc", "00FF0123456789AB", " 0ff0123456789ab", "0x0f0123456789ab", "00ff0123456789ag" })
        {
            Assert.IsFalse(ConceptId.TryParse(wrong, out _), wrong);
        }
    }

    private static IEnumerable<object[]> Invalid()
    {
        var pairs = (int count, int key, int value) => (IReadOnlyDictionary<string, string>)Enumerable.Range(0, count).ToDictionary(i => $"{i}".PadLeft(key, 's'), _ => new string('v', value));
        yield return ["content", EngineHarness.Concept("")];
        yield return ["content", EngineHarness.Concept(new string('x', ConceptLimits.Content + 1))];
        yield return ["content", EngineHarness.Concept("secret \ud800")];
        yield return ["model", EngineHarness.Concept("secret", model: "")];
        yield return ["model", EngineHarness.Concept("secret", model: new string('m', 257))];
        yield return ["embedding", EngineHarness.Concept("secret", [])];
        yield return ["embedding", EngineHarness.Concept("secret", [0, 0, -0f])];
        yield return ["embedding", EngineHarness.Concept("secret", [1, float.NaN])];
        yield return ["embedding", EngineHarness.Concept("secret", [1, float.NegativeInfinity])];
        yield return ["embedding", EngineHarness.Concept("secret", new float[65_537])];
        yield return ["metadata", EngineHarness.Concept("secret", metadata: pairs(65, 4, 1))];
        yield return ["metadata key", EngineHarness.Concept("secret", metadata: pairs(1, 257, 1))];
        yield return ["metadata key", EngineHarness.Concept("secret", metadata: new Dictionary<string, string> { [""] = "secret" })];
        yield return ["metadata value", EngineHarness.Concept("secret", metadata: pairs(1, 4, 4097))];
        yield return ["associations", EngineHarness.Concept("secret", associations: new Association[65])];
        yield return ["associations.type", EngineHarness.Concept("secret", associations: new Association(default, "", 1))];
        yield return ["associations.weight", EngineHarness.Concept("secret", associations: new Association(default, "t", 1.01f))];
        yield return ["associations.weight", EngineHarness.Concept("secret", associations: new Association(default, "t", float.NaN))];
    }
}
