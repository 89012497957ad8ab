using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Tests.Storage.Engine;

namespace Sutra.Tests.Storage.Segments;

/// <summary>What an engine must hold: changed beside it, by operations drawn from a seed, and compared with it.</summary>
/// <param name="owners">How many data subjects the concepts are of; 0: of nobody.</param>
internal sealed class EngineModel(Random random, int contents, int dimension = 16, int owners = 0)
{
    private readonly Dictionary<string, (ConceptId Id, NewConcept Concept)> _held = [];

    // What an operation that was never answered may have left; null is nothing.
    private readonly Dictionary<string, List<NewConcept?>> _doubtful = [];
    private int _version;

    public int Count => _held.Count;

    /// <summary>Learns, learns again, replaces or deletes something. A failure of the engine leaves the outcome in doubt, and is thrown on.</summary>
    public async Task StepAsync(ConceptEngine engine)
    {
        var content = $"content {random.Next(contents)}";
        var concept = Next(content);
        var erasing = new List<string>();
        var delete = _held.TryGetValue(content, out var held) && random.Next(4) == 0;
        if (!delete && held.Concept is not null && random.Next(5) == 0)
        {
            await ReplaceAsync(engine, content, held.Id, held.Concept);
            return;
        }

        try
        {
            if (delete)
            {
                Assert.IsTrue(await engine.DeleteAsync(held.Id), content);
                _held.Remove(content);
                Assert.IsFalse(engine.TryGet(held.Id, out var left) && left.Read().Content == content, "gone when answered");
            }
            else if (concept.Owner.Length > 0 && random.Next(40) == 0)
            {
                // Its outcome is known only when answered, for each concept alone.
                foreach (var (other, (_, owned)) in _held.Where(pair => pair.Value.Concept.Owner == concept.Owner).ToList())
                {
                    erasing.Add(other);
                }

                await engine.EraseAsync(concept.Owner);
                erasing.ForEach(other => _held.Remove(other));
                erasing.Clear();
            }
            else
            {
                var learned = await engine.LearnAsync(concept);
                Assert.AreEqual(!_held.ContainsKey(content), learned.Created, content);
                _held[content] = (learned.Id, concept);
                Assert.AreEqual(1f, engine.Search(concept.Embedding.Span, EngineHarness.Model, 1)[0].Score, 1e-5f, "found when answered");
            }
        }
        catch (Exception e) when (e is not AssertFailedException)
        {
            if (erasing.Count > 0)
            {
                erasing.ForEach(other => _doubtful[other] = [_held[other].Concept, null]);
                erasing.ForEach(other => _held.Remove(other));
                throw;
            }

            _doubtful[content] = [_held.TryGetValue(content, out held) ? held.Concept : null, delete ? null : concept];
            _held.Remove(content);
            throw;
        }
    }

    private async Task ReplaceAsync(ConceptEngine engine, string content, ConceptId id, NewConcept before)
    {
        var other = $"content {random.Next(contents)}";
        var concept = Next(other) with { Id = id };
        if (other != content && _held.ContainsKey(other))
        {
            try
            {
                await engine.LearnAsync(concept);
                Assert.Fail($"{other} is there twice");
            }
            catch (ContentExistsException)
            {
                return;
            }
        }

        try
        {
            Assert.AreEqual(new LearnResult(id, Created: false), await engine.LearnAsync(concept));
            _held.Remove(content);
            _held[other] = (id, concept);
            Assert.AreEqual(1f, engine.Search(concept.Embedding.Span, EngineHarness.Model, 1)[0].Score, 1e-5f, "found when answered");
        }
        catch (Exception e) when (e is not AssertFailedException)
        {
            _held.Remove(content);
            _doubtful[other] = [null, concept];
            _doubtful[content] = other == content ? [before, concept] : [before, null];
            throw;
        }
    }

    /// <summary>All that must be there is, as it was learned, by id and by search, and nothing else.</summary>
    public void Verify(ConceptEngine engine, string because)
    {
        var found = engine.Search(EngineHarness.RandomVector(new Random(1), dimension), EngineHarness.Model, 1000)
            .Select(hit => hit.Concept.Read())
            .ToDictionary(concept => concept.Content);
        foreach (var (content, allowed) in _doubtful)
        {
            // Now it is decided, once and for all.
            var match = allowed.FindIndex(option => option is null ? !found.ContainsKey(content) : found.TryGetValue(content, out var there) && Same(option, there));
            Assert.IsGreaterThanOrEqualTo(0, match, $"{because}: {content} is neither what it was nor what it would have become");
            if (allowed[match] is { } outcome)
            {
                _held[content] = (found[content].Id, outcome);
            }
        }

        _doubtful.Clear();
        Assert.IsEmpty(_held.Keys.Except(found.Keys).ToList(), $"{because}: lost");
        Assert.IsEmpty(found.Keys.Except(_held.Keys).ToList(), $"{because}: risen");
        Assert.AreEqual(_held.Count, engine.Statistics.Concepts, because);
        Assert.IsEmpty(engine.Verify().Faults, because);
        foreach (var (content, (id, concept)) in _held)
        {
            EngineHarness.AssertSame(concept, found[content]);
            EngineHarness.AssertSame(concept, engine.Get(id));
        }
    }

    private static bool Same(NewConcept expected, Concept actual) => expected.Metadata["version"] == actual.Metadata["version"];

    private NewConcept Next(string content) => EngineHarness.Concept(
        content,
        EngineHarness.RandomVector(random, dimension),
        metadata: new Dictionary<string, string> { ["version"] = $"{_version++}" }) with
    {
        Owner = owners > 0 ? $"owner {random.Next(owners)}" : "",
    };
}
