using System.Text.Json;

namespace Sutra.Tests.Api.Querying;

[TestClass]
public sealed class QueryTests
{
    [TestMethod]
    public async Task A_question_gets_answer_confidence_ranked_evidence_and_timing()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var id = await api.LearnAsync("The lighthouse keeper winds the clockwork at six.", new { source = "logbook" });
        await api.LearnAsync("The harbour master counts the boats at noon.");
        await api.LearnAsync("Bread rises overnight.");

        var found = await api.QueryAsync("When does the lighthouse keeper wind the clockwork?", topK: 2);
        Assert.AreEqual("The lighthouse keeper winds the clockwork at six.", found.GetProperty("answer").GetString());
        Assert.AreEqual(JsonValueKind.Null, found.GetProperty("no_answer_reason").ValueKind);
        Assert.IsTrue(found.GetProperty("confidence").GetDouble() is > 0.5 and <= 1);
        var evidence = found.GetProperty("evidence").EnumerateArray().ToList();
        Assert.HasCount(2, evidence);
        Assert.AreEqual(id, evidence[0].GetProperty("concept_id").GetString());
        Assert.AreEqual("logbook", evidence[0].GetProperty("metadata").GetProperty("source").GetString());
        Assert.IsGreaterThan(evidence[1].GetProperty("score").GetDouble(), evidence[0].GetProperty("score").GetDouble());
        var timing = found.GetProperty("timing");
        Assert.IsGreaterThanOrEqualTo(
            timing.GetProperty("embed_ms").GetDouble() + timing.GetProperty("search_ms").GetDouble() + timing.GetProperty("answer_ms").GetDouble() - 0.1,
            timing.GetProperty("total_ms").GetDouble());
    }

    [TestMethod]
    public async Task An_empty_memory_says_so()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var found = await api.QueryAsync("Is anything there?");
        Assert.AreEqual(JsonValueKind.Null, found.GetProperty("answer").ValueKind);
        Assert.AreEqual(0, found.GetProperty("confidence").GetDouble());
        Assert.AreEqual(0, found.GetProperty("evidence").GetArrayLength());
        Assert.IsNotNull(found.GetProperty("no_answer_reason").GetString());
    }

    [TestMethod]
    public async Task A_question_that_the_model_reads_only_the_beginning_of_is_said_to_be_truncated()
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.Embedder.Service.ReadsCharacters = 20;
        Assert.IsFalse((await api.QueryAsync("Short enough?")).GetProperty("truncated").GetBoolean());
        Assert.IsTrue((await api.QueryAsync("Long enough to be cut somewhere?")).GetProperty("truncated").GetBoolean());
    }

    [TestMethod]
    public async Task Texts_are_fetched_for_as_many_questions_at_once_as_there_are_processors()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.LearnAsync("The harbour master counts the boats at noon.");
        var done = new TaskCompletionSource();
        api.Storage.Service.Gate = done.Task;
        var asked = Environment.ProcessorCount + 3;
        var calls = api.Embedder.Service.Calls + asked;
        var asking = Enumerable.Range(0, asked).Select(i => api.QueryAsync($"Who counts the boats, {i}?")).ToList();
        await ApiUnderTest.WaitUntilAsync(
            () => Task.FromResult(api.Embedder.Service.Calls == calls && api.Storage.Service.SearchSizes.Count >= Environment.ProcessorCount),
            TimeSpan.FromSeconds(10),
            () => "not all of the questions came so far");
        for (var polls = 0; polls < 10; polls++)
        {
            Assert.HasCount(Environment.ProcessorCount, api.Storage.Service.SearchSizes, "fetched, and all but ranked");
            await Task.Delay(50);
        }

        done.SetResult();
        foreach (var found in await Task.WhenAll(asking))
        {
            Assert.AreEqual(1, found.GetProperty("evidence").GetArrayLength());
        }
    }

    [TestMethod]
    public async Task A_date_that_the_nearest_vectors_lack_is_looked_for_further_away()
    {
        await using var api = await ApiUnderTest.StartAsync();
        for (var day = 1; day <= 28; day++)
        {
            for (var month = 1; month <= 3; month++)
            {
                await api.LearnAsync($"Acme closed at {day}.{month} on 2025-{month:D2}-{day:D2} in the daily report of the exchange.");
            }
        }

        // Written otherwise than it was learnt, so its words do not pull the vector to it.
        var found = await api.QueryAsync("What did Acme close at on 17 February 2025, daily report of the exchange?");
        StringAssert.Contains(found.GetProperty("answer").GetString(), "17.2 on 2025-02-17");
        Assert.AreEqual(50, api.Storage.Service.SearchSizes.First());
    }

    [TestMethod]
    public async Task What_another_model_embedded_is_not_found_and_a_changed_model_is_noticed()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.LearnAsync("Seen by the first model.");
        api.Embedder.Service.Model = "fake-model-2";
        await ApiUnderTest.WaitUntilAsync(
            async () => (await api.QueryAsync("seen by the first model")).GetProperty("evidence").GetArrayLength() == 0,
            TimeSpan.FromSeconds(10),
            () => "the new model was not noticed");
        await api.LearnAsync("Seen by the second model.");
        Assert.AreEqual("fake-model-2", api.Storage.Service.Concepts[FakeStorage.IdOf("Seen by the second model.")].Model);
    }
}
