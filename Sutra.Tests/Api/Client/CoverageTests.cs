extern alias client;

using client::Sutra.Client;
using client::Sutra.Contracts.Api;
using Sutra.Api.OpenApi;

namespace Sutra.Tests.Api.Client;

[TestClass]
public sealed class CoverageTests
{
    [TestMethod]
    public async Task Every_operation_of_the_api_has_a_call_in_the_client()
    {
        var server = new Server(_ => RetryTests.Ok(""));
        using var sutra = new SutraClient(new SutraClientOptions { BaseAddress = new Uri("http://sutra"), MaxRetries = 0 }, server, TimeProvider.System);
        Func<Task>[] calls =
        [
            () => sutra.LearnAsync("text"),
            () => ReadAsync(sutra.LearnManyAsync([new LearnBatchItem("text")])),
            () => sutra.GetConceptAsync("id"),
            () => sutra.ReplaceConceptAsync("id", new LearnRequest("text")),
            () => sutra.PatchConceptAsync("id", new Dictionary<string, string?>(StringComparer.Ordinal)),
            () => sutra.DeleteConceptAsync("id"),
            () => sutra.LearnDocumentAsync("text", "text/plain"),
            () => sutra.GetDocumentAsync("id"),
            () => sutra.DeleteDocumentAsync("id"),
            () => sutra.QueryAsync("question"),
            () => sutra.CreateCollectionAsync(new CreateCollectionRequest("name")),
            () => sutra.ListCollectionsAsync(),
            () => sutra.GetCollectionAsync("name"),
            () => sutra.UpdateCollectionAsync("name", new UpdateCollectionRequest()),
            () => sutra.DeleteCollectionAsync("name"),
            () => sutra.GetCollectionFieldsAsync("name", 10),
            () => ReadAsync(sutra.ExportAsync("name")),
            () => ReadAsync(sutra.ImportAsync("name", AsyncEnumerable.Empty<ConceptLine>())),
            () => sutra.SetAliasAsync("alias", "name"),
            () => sutra.DeleteAliasAsync("alias"),
            () => sutra.ReembedAsync("name", "model"),
            () => sutra.ListReembeddingsAsync(),
            () => sutra.GetReembeddingAsync("id"),
            () => sutra.CancelReembeddingAsync("id"),
            () => sutra.CreateJobAsync(Stream.Null, "text/csv"),
            () => sutra.ListJobsAsync("running", 10),
            () => sutra.GetJobAsync("id"),
            () => sutra.ListJobItemsAsync("id"),
            () => ReadAsync(sutra.FollowJobAsync("id")),
            () => sutra.PauseJobAsync("id"),
            () => sutra.ResumeJobAsync("id"),
            () => sutra.CancelJobAsync("id"),
            () => sutra.RetryJobAsync("id"),
            () => sutra.DeleteJobAsync("id"),
            () => sutra.CreateScheduleAsync(new ScheduleRequest("https://example.com/notes.ndjson", 60)),
            () => sutra.ListSchedulesAsync(),
            () => sutra.GetScheduleAsync("id"),
            () => sutra.DeleteScheduleAsync("id"),
            () => sutra.GetHealthAsync(),
        ];
        foreach (var call in calls)
        {
            try
            {
                await call();
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or HttpRequestException or SutraException)
            {
                // The answer is empty; what was asked is what counts.
            }
        }

        var asked = server.Requests.Select(request => request.What.Split('?')[0].Split(' ')).Select(parts => (Method: parts[0], Path: parts[1].Split('/'))).ToList();
        var missing = ApiOperations.All.Where(operation => !asked.Exists(call => call.Method == operation.Method && Fits(call.Path, operation.Path.Split('/'))));
        Assert.IsEmpty(missing.Select(operation => operation.Key));
        Assert.HasCount(ApiOperations.All.Count, asked);
    }

    private static bool Fits(string[] call, string[] path) =>
        call.Length == path.Length && call.Zip(path).All(pair => pair.First == pair.Second || pair.Second.StartsWith('{'));

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> items)
    {
        await foreach (var _ in items)
        {
        }
    }
}
