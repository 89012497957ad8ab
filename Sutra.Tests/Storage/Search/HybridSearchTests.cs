using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Search;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Search;

[TestClass]
public sealed class HybridSearchTests
{
    private static readonly string[] s_words =
        ["amber", "basalt", "cedar", "delta", "ember", "fjord", "granite", "harbour", "island", "jasper", "kelp", "lagoon", "marble", "nectar", "opal"];

    [TestMethod]
    public async Task What_the_words_say_and_what_the_vectors_say_are_added_and_both_are_told()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var near = await engine.LearnAsync(EngineHarness.Concept("something else entirely", [1, 0, 0]));
        var word = await engine.LearnAsync(EngineHarness.Concept("a granite harbour", [0, 1, 0]));
        var both = await engine.LearnAsync(EngineHarness.Concept("granite, mostly, and some other rocks of the coast", [0.9f, 0.4f, 0]));
        await engine.LearnAsync(EngineHarness.Concept("neither", [0, 0, 1]));

        var hits = engine.Search("granite", [1, 0, 0], EngineHarness.Model, 10);

        Assert.AreEqual(both.Id, hits[0].Concept.Id);
        Assert.AreEqual(word.Id, hits.Single(hit => hit.Text.Rank == 1).Concept.Id);
        Assert.AreEqual(near.Id, hits.Single(hit => hit.Vector.Rank == 1).Concept.Id);
        Assert.AreEqual(1f, hits.Single(hit => hit.Vector.Rank == 1).Vector.Score, 1e-6f);
        var best = hits.Max(hit => hit.Text.Score);
        foreach (var hit in hits)
        {
            Assert.AreEqual((0.8f * hit.Vector.Score) + (hit.Text.Score / best), hit.Score, 1e-5f);
        }
    }

    [TestMethod]
    public async Task A_leg_may_be_left_out_and_a_question_of_words_needs_no_vector()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var word = await engine.LearnAsync(EngineHarness.Concept("granite", [0, 1, 0]));
        var other = await engine.LearnAsync(EngineHarness.Concept("of another model", [1, 0], model: "model-b"));
        await engine.LearnAsync(EngineHarness.Concept("basalt", [1, 0, 0]));

        Assert.AreEqual(word.Id, engine.Search("granites", default, EngineHarness.Model, 10).Single().Concept.Id);
        Assert.AreEqual(other.Id, engine.Search("another", [1, 0, 0], EngineHarness.Model, 1)[0].Concept.Id);
        Assert.AreEqual(0f, engine.Search("another", [1, 0, 0], EngineHarness.Model, 1)[0].Vector.Score);
        var vectors = engine.Search("granite", [1, 0, 0], EngineHarness.Model, 1, new HybridOptions(TextWeight: 0))[0];
        Assert.AreEqual(("basalt", 0), (vectors.Concept.Read().Content, vectors.Text.Rank));
        var ranks = engine.Search("granite", [0, 1, 0], EngineHarness.Model, 1, new HybridOptions(1, 1, Fusion.ReciprocalRank))[0];
        Assert.AreEqual(2f / 61, ranks.Score, 1e-6f);
    }

    [TestMethod]
    [DataRow("", 1f, 1f, 100, "text")]
    [DataRow("word", -1f, 1f, 100, "hybrid.vector_weight")]
    [DataRow("word", 1f, float.NaN, 100, "hybrid.text_weight")]
    [DataRow("word", 1f, 1f, 0, "hybrid.candidates")]
    public void What_breaks_a_limit_is_refused_by_the_name_of_its_field(string text, float vectorWeight, float textWeight, int candidates, string field)
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var refusal = Assert.ThrowsExactly<InvalidConceptException>(() =>
            engine.Search(text, default, EngineHarness.Model, 1, new HybridOptions(vectorWeight, textWeight, Fusion.WeightedSum, candidates)));
        Assert.AreEqual(field, refusal.Field);
    }

    [TestMethod]
    public async Task Wherever_concepts_lie_the_ranking_is_the_one_of_an_engine_that_has_them_in_memory()
    {
        var (moved, still) = (new SimulatedDisk(), new SimulatedDisk());
        using var busy = EngineHarness.Open(moved, segments: EngineHarness.Busy);
        using var calm = EngineHarness.Open(still);
        var random = new Random(12);
        for (var i = 0; i < 300; i++)
        {
            var content = $"{i} " + string.Join(' ', Enumerable.Range(0, random.Next(3, 12)).Select(_ => s_words[random.Next(s_words.Length)]));
            var concept = EngineHarness.Concept(content, EngineHarness.RandomVector(random, 16));
            var id = (await busy.LearnAsync(concept)).Id;
            await calm.LearnAsync(concept);
            if (random.Next(8) == 0)
            {
                await busy.DeleteAsync(id);
                await calm.DeleteAsync(id);
            }
        }

        // Frequencies count what is dead until it is merged away, so the scores of words differ a little.
        await busy.UntilAsync(statistics => statistics.Segments > 0, "segments");
        var agreed = 0;
        for (var query = 0; query < 40; query++)
        {
            var text = $"{s_words[random.Next(s_words.Length)]} {s_words[random.Next(s_words.Length)]}";
            var vector = EngineHarness.RandomVector(random, 16);
            var expected = calm.Search(text, vector, EngineHarness.Model, 10, new HybridOptions(Candidates: 1000));
            var actual = busy.Search(text, vector, EngineHarness.Model, 10, new HybridOptions(Candidates: 1000));
            Assert.HasCount(10, actual);
            agreed += actual.Count(hit => expected.Any(other => other.Concept.Id == hit.Concept.Id));
            foreach (var hit in actual)
            {
                Assert.AreEqual(hit.Concept.Read().Content, busy.Get(hit.Concept.Id).Content);
                var there = expected.FirstOrDefault(other => other.Concept.Id == hit.Concept.Id);
                if (there.Concept is not null)
                {
                    Assert.AreEqual(there.Vector.Score, hit.Vector.Score, 1e-5f);
                }
            }
        }

        Assert.IsGreaterThan(380, agreed);
    }

    [TestMethod]
    public async Task Words_are_found_when_learned_and_not_when_deleted_or_replaced_wherever_they_are()
    {
        var disk = new SimulatedDisk();
        var ids = new Dictionary<int, ConceptId>();
        using (var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy))
        {
            for (var i = 0; i < 200; i++)
            {
                ids[i] = (await engine.LearnAsync(EngineHarness.Concept($"number{i} common", [1, i, 3]))).Id;
                Assert.AreEqual(ids[i], engine.Search($"number{i}", default, EngineHarness.Model, 5).Single().Concept.Id);
            }

            for (var i = 0; i < 200; i += 3)
            {
                await engine.DeleteAsync(ids[i]);
                Assert.IsEmpty(engine.Search($"number{i}", default, EngineHarness.Model, 5));
                ids.Remove(i);
            }
        }

        using var reopened = EngineHarness.Open(disk, segments: EngineHarness.Busy);
        Assert.HasCount(ids.Count, reopened.Search("common", default, EngineHarness.Model, 1000, new HybridOptions(Candidates: 1000)));
        foreach (var (i, id) in ids)
        {
            Assert.AreEqual(id, reopened.Search($"number{i}", default, EngineHarness.Model, 5).Single().Concept.Id);
        }
    }

    [TestMethod]
    public async Task The_language_of_words_cannot_change_once_there_are_segments()
    {
        var disk = new SimulatedDisk();
        using (var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy))
        {
            for (var i = 0; i < 30; i++)
            {
                await engine.LearnAsync(EngineHarness.Concept($"text {i}", [1, i, 3]));
            }

            await engine.UntilAsync(statistics => statistics.Segments > 0, "a segment");
        }

        var refusal = Assert.ThrowsExactly<Sutra.Storage.Segments.SegmentCorruptException>(
            () => EngineHarness.Open(disk, segments: EngineHarness.Busy with { Language = Sutra.Storage.Lexical.Analysis.TextLanguage.German }));
        StringAssert.Contains(refusal.Message, "Storage:Language");
    }
}
