extern alias client;

using System.Net;
using client::Sutra.Client;
using client::Sutra.Contracts.Api;
using Sutra.Contracts.Identity;
using Sutra.Tests.Api.Collections;

namespace Sutra.Tests.Api.Client;

/// <summary>The client against the real API.</summary>
[TestClass]
public sealed class ClientTests
{
    private static readonly Dictionary<string, string> s_manual = new(StringComparer.Ordinal) { ["source"] = "manual" };

    [TestMethod]
    public async Task It_learns_asks_changes_and_deletes()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var sutra = new SutraClient(api.Http);
        var learned = await sutra.LearnAsync("The kettle boils in three minutes.", s_manual);
        Assert.IsTrue(learned.Created);
        var answer = await sutra.QueryAsync("How long does the kettle take until it boils?");
        Assert.AreEqual(learned.ConceptId, answer.Evidence[0].ConceptId);

        await sutra.PatchConceptAsync(learned.ConceptId, new Dictionary<string, string?>(StringComparer.Ordinal) { ["page"] = "7", ["source"] = null });
        CollectionAssert.AreEqual(new[] { "page" }, (await sutra.GetConceptAsync(learned.ConceptId)).Metadata.Keys.ToList());
        Assert.IsFalse((await sutra.ReplaceConceptAsync(learned.ConceptId, new LearnRequest("The kettle boils in four minutes."))).Created);
        await sutra.DeleteConceptAsync(learned.ConceptId);
        var gone = await Assert.ThrowsExactlyAsync<SutraException>(() => sutra.GetConceptAsync(learned.ConceptId));
        Assert.AreEqual((HttpStatusCode.NotFound, "concept_not_found", false), (gone.Status, gone.Code, gone.IsTransient));
        Assert.AreEqual(32, gone.TraceId?.Length);
        Assert.AreEqual("Healthy", (await sutra.GetHealthAsync()).Components.Single(component => component.Name == "storage").Status);
    }

    [TestMethod]
    public async Task An_answer_is_streamed_and_what_is_wrong_is_an_exception()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var sutra = new SutraClient(api.Http);
        await sutra.LearnAsync("The kettle boils in three minutes.");
        var events = new List<QueryEvent>();
        await foreach (var part in sutra.QueryStreamAsync(new QueryRequest("When does the kettle boil?")))
        {
            events.Add(part);
        }

        Assert.IsInstanceOfType<QueryEvidence>(events[0]);
        var done = Assert.IsInstanceOfType<QueryDone>(events[^1]);
        Assert.HasCount(1, done.Response.Evidence);
        Assert.AreEqual(done.Response.Answer ?? "", string.Concat(events.OfType<QueryAnswerPart>().Select(part => part.Text)));

        var refused = await Assert.ThrowsExactlyAsync<SutraException>(() => sutra.QueryAsync(new QueryRequest(" ", TopK: 1000)));
        CollectionAssert.AreEquivalent(new[] { "query", "top_k" }, refused.Errors.Keys.ToList());
        await api.Storage.StopAsync();
        var away = await Assert.ThrowsExactlyAsync<SutraException>(async () =>
        {
            await foreach (var _ in sutra.QueryStreamAsync(new QueryRequest("When does the kettle boil?")))
            {
            }
        });
        Assert.AreEqual(("storage_unavailable", "storage", true), (away.Code, away.Component, away.IsTransient));
    }

    [TestMethod]
    public async Task Many_are_learned_as_they_come_and_a_job_is_followed_to_its_end()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var sutra = new SutraClient(api.Http);
        var results = new List<LearnBatchResult>();
        await foreach (var result in sutra.LearnManyAsync(Items()))
        {
            results.Add(result);
        }

        Assert.HasCount(600, results);
        Assert.AreEqual("content", results.Single(result => result.Error is not null).Error!.Field);

        var job = await sutra.CreateJobAsync(Lines(), new CreateJobOptions { Priority = 9 });
        JobResponse? last = null;
        await foreach (var progress in sutra.FollowJobAsync(job.Id))
        {
            last = progress;
        }

        Assert.AreEqual(("completed", 2L, 1L, 9), (last!.State, last.Learned, last.Dead, last.Priority));
        Assert.AreEqual("content", (await sutra.ListJobItemsAsync(job.Id, "dead")).Items.Single().Field);
        Assert.AreEqual(job.Id, (await sutra.ListJobsAsync(limit: 1)).Jobs.Single().Id);

        static async IAsyncEnumerable<LearnBatchItem> Items()
        {
            for (var i = 0; i < 600; i++)
            {
                await Task.Yield();
                yield return new LearnBatchItem(i == 300 ? "" : $"Fact {i}.");
            }
        }

        static async IAsyncEnumerable<IngestItem> Lines()
        {
            await Task.Yield();
            yield return new IngestItem("One of a job.");
            yield return new IngestItem("");
            yield return new IngestItem("Another of a job.");
        }
    }

    [TestMethod]
    public async Task A_document_is_learned_in_pieces()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var sutra = new SutraClient(api.Http);
        var document = await sutra.LearnDocumentAsync("# Kettle\n\nIt boils in three minutes.\n", "text/markdown", new LearnDocumentOptions { Name = "kettle & pot.md", Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["shelf"] = "3" } });
        Assert.AreEqual((1, "kettle & pot.md"), (document.Created, document.Source));
        Assert.HasCount(1, (await sutra.GetDocumentAsync(document.DocumentId)).Chunks);
        await sutra.DeleteDocumentAsync(document.DocumentId);
        await Assert.ThrowsExactlyAsync<SutraException>(() => sutra.GetDocumentAsync(document.DocumentId));
    }

    [TestMethod]
    public async Task A_collection_is_exported_and_imported()
    {
        await using var storage = await RealStorage.StartNewAsync();
        await using var api = await ApiUnderTest.StartAsync(("services:storage:grpc:0", storage.Address));
        using var admin = api.Client(Permissions.Admin, Permissions.Read, Permissions.Write);
        using var sutra = new SutraClient(admin);
        await sutra.CreateCollectionAsync(new CreateCollectionRequest("from"));
        await sutra.CreateCollectionAsync(new CreateCollectionRequest("to"));
        await foreach (var _ in sutra.LearnManyAsync([new LearnBatchItem("one", s_manual), new LearnBatchItem("two")], "from"))
        {
        }

        var lines = new List<ImportLine>();
        await foreach (var line in sutra.ImportAsync("to", sutra.ExportAsync("from", embeddings: true)))
        {
            lines.Add(line);
        }

        Assert.AreEqual(new ImportSummary(2, 0, 0, 0), lines.Single().Summary);
        Assert.AreEqual(2, (await sutra.GetCollectionAsync("to")).Collection.Concepts);
        Assert.AreEqual("manual", (await sutra.GetCollectionFieldsAsync("to")).Fields.Single().Values!.Single());
        await sutra.SetAliasAsync("live", "to");
        Assert.AreEqual("to", (await sutra.GetCollectionAsync("live")).Collection.Name);
        CollectionAssert.AreEqual(new[] { "default", "from", "to" }, (await sutra.ListCollectionsAsync()).Select(collection => collection.Name).ToList());
        var missing = await Assert.ThrowsExactlyAsync<SutraException>(async () =>
        {
            await foreach (var _ in sutra.ExportAsync("none"))
            {
            }
        });
        Assert.AreEqual("collection_not_found", missing.Code);
    }
}
