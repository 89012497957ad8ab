using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Api.Clients;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Tests.Api.Learning;

[TestClass]
public sealed class BatchLearnerTests
{
    private static readonly Caller Alice = ApiUnderTest.CallerOf("key:alice");

    [TestMethod]
    public async Task What_is_wrong_with_an_item_is_its_own_outcome_and_the_others_are_learned()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.LearnAsync("Known before.");
        api.Embedder.Service.ReadsCharacters = 30;
        api.Embedder.Service.Refuses = text => text == "???" ? new TextError { Code = "nothing_known", Message = "The text has nothing in it." } : null;
        api.Storage.Service.LearnFails = new Grpc.Core.Status(StatusCode.InvalidArgument, "its own secret words");
        api.Storage.Service.LearnFailsFor = content => content.StartsWith("Refused", StringComparison.Ordinal);
        var outcomes = await LearnAsync(
            api,
            new LearnItem("First."),
            new LearnItem("  "),
            new LearnItem("Known before.", new Dictionary<string, string> { ["k"] = "v" }, Owner: "person-1"),
            new LearnItem("Much, much longer than this model reads.", Associations: [new AssociationContract("0123456789ABCDEF")]),
            new LearnItem("???"),
            new LearnItem("Refused by the storage."),
            new LearnItem("Edge.", Associations: [new AssociationContract("secret")]),
            new LearnItem("Owned.", Owner: new string('o', 257)),
            new LearnItem("Replaces.", ConceptId: "secret"));

        CollectionAssert.AreEqual(
            new[]
            {
                "learned created", "content invalid_request", "learned", "learned created truncated", "content nothing_known", "content invalid_request",
                "associations[0].concept_id invalid_request", "owner invalid_request", "id invalid_request",
            },
            outcomes.Select(Told).ToArray());
        Assert.DoesNotContain("secret", string.Join('\n', outcomes.Select(outcome => outcome.Error?.Message)));
        var stored = api.Storage.Service.Concepts;
        Assert.HasCount(3, stored);
        Assert.AreEqual(("v", "person-1"), (stored[outcomes[2].ConceptId!].Metadata["k"], stored[outcomes[2].ConceptId!].Owner));
        Assert.AreEqual("0123456789abcdef", stored[outcomes[3].ConceptId!].Associations[0].TargetId);
    }

    [TestMethod]
    public async Task A_batch_has_one_intent_and_one_outcome_with_all_ids()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var outcomes = await LearnAsync(api, [.. Enumerable.Range(0, 700).Select(i => new LearnItem($"Fact {i}.")), new LearnItem("")]);

        var records = (await File.ReadAllLinesAsync(api.AuditFile)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        CollectionAssert.AreEqual(
            new[] { "learn-batch-intent intended", "learn-batch created:700,replaced:0,failed:0" },
            records.Select(record => $"{record.GetProperty("action")} {record.GetProperty("outcome")}").ToArray());
        CollectionAssert.AreEqual(
            outcomes.Take(700).Select(outcome => outcome.ConceptId).ToArray(),
            records[1].GetProperty("concept_ids").EnumerateArray().Select(id => id.GetString()).ToArray());
        Assert.AreEqual("fake-model-1", records[1].GetProperty("model").GetString());
    }

    [TestMethod]
    public async Task Texts_go_to_the_embedder_in_calls_that_are_bounded_by_count_and_by_bytes_as_bulk_work()
    {
        await using var api = await ApiUnderTest.StartAsync(("Embeddings:BatchTexts", "3"), ("Embeddings:BatchBytes", "1024"));
        var large = new string('é', 600);
        var outcomes = await LearnAsync(api, [.. new[] { "a", "b", "c", "d", large, "e", large + "2", large + "3" }.Select(text => new LearnItem(text))]);

        Assert.IsTrue(outcomes.All(outcome => outcome.Error is null));
        CollectionAssert.AreEquivalent(
            new[] { "a b c", "d", large, "e", large + "2", large + "3" },
            api.Embedder.Service.Requests.Select(request => string.Join(' ', request.Texts)).ToArray());
        Assert.IsTrue(api.Embedder.Service.Requests.All(request => request.Options is { Priority: Priority.Bulk, InputType: InputType.Document }));
        foreach (var (text, outcome) in new[] { "a", "b", "c", "d", large, "e", large + "2", large + "3" }.Zip(outcomes))
        {
            CollectionAssert.AreEqual(FakeEmbedder.Vector(text), api.Storage.Service.Concepts[outcome.ConceptId!].Embedding.ToArray(), "each has its own vector");
        }
    }

    [TestMethod]
    public async Task An_embedder_that_has_no_room_is_waited_for()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var refusals = 2;
        api.Embedder.Service.Fails = _ => Interlocked.Decrement(ref refusals) >= 0
            ? new RpcException(new Grpc.Core.Status(StatusCode.ResourceExhausted, "full"), new Metadata { { "retry-after-ms", "1" } })
            : null;
        var outcomes = await LearnAsync(api, new LearnItem("Patience."));
        Assert.AreEqual("learned created", Told(outcomes[0]));
    }

    [TestMethod]
    public async Task When_one_call_fails_its_items_may_be_tried_again_and_the_others_are_learned()
    {
        await using var api = await ApiUnderTest.StartAsync(("Embeddings:BatchTexts", "2"));
        api.Embedder.Service.Fails = request => request.Texts.Contains("three") ? new RpcException(new Grpc.Core.Status(StatusCode.Internal, "broken")) : null;
        var outcomes = await LearnAsync(api, [.. new[] { "one", "two", "three", "four", "five" }.Select(text => new LearnItem(text))]);

        CollectionAssert.AreEqual(
            new[] { "learned created", "learned created", " internal_error retryable", " internal_error retryable", "learned created" },
            outcomes.Select(Told).ToArray());
        Assert.AreEqual("learn-batch created:3,replaced:0,failed:2", await LastRecordAsync(api));
    }

    [TestMethod]
    public async Task When_nothing_can_be_done_it_throws_and_the_failure_is_on_record()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.Embedder.StopAsync();
        var embedder = await Assert.ThrowsExactlyAsync<ComponentException>(() => LearnAsync(api, new LearnItem("one"), new LearnItem("two")));
        Assert.AreEqual("embedder", embedder.Component);
        Assert.AreEqual("learn-batch failed:embedder_unavailable", await LastRecordAsync(api));

        await api.Embedder.StartAsync();
        await api.Storage.StopAsync();
        var storage = await Assert.ThrowsExactlyAsync<ComponentException>(() => LearnAsync(api, new LearnItem("one"), new LearnItem("two")));
        Assert.AreEqual("storage", storage.Component);
        Assert.AreEqual("learn-batch failed:storage_unavailable", await LastRecordAsync(api));
    }

    [TestMethod]
    public async Task Only_invalid_items_ask_nobody_anything()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var outcomes = await LearnAsync(api, new LearnItem(""), new LearnItem("half \ud800 pair"));
        CollectionAssert.AreEqual(new[] { "content invalid_request", "content invalid_request" }, outcomes.Select(Told).ToArray());
        Assert.AreEqual(0, api.Embedder.Service.Calls);
        Assert.IsEmpty(await LearnAsync(api));
    }

    private static Task<IReadOnlyList<LearnOutcome>> LearnAsync(ApiUnderTest api, params LearnItem[] items) =>
        api.Services.GetRequiredService<BatchLearner>().LearnAsync(null, items, Alice, CancellationToken.None);

    private static string Told(LearnOutcome outcome) => outcome.Error is { } error
        ? $"{error.Field} {error.Code}{(error.Retryable ? " retryable" : "")}"
        : $"learned{(outcome.Created ? " created" : "")}{(outcome.Truncated ? " truncated" : "")}";

    private static async Task<string> LastRecordAsync(ApiUnderTest api)
    {
        var record = JsonDocument.Parse((await File.ReadAllLinesAsync(api.AuditFile))[^1]).RootElement;
        return $"{record.GetProperty("action")} {record.GetProperty("outcome")}";
    }
}
