using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Sutra.Contracts.Identity;

namespace Sutra.Tests.Api.Ingestion;

[TestClass]
public sealed class JobTests
{
    [TestMethod]
    public async Task Lines_become_exactly_their_concepts_and_broken_ones_say_where_and_why_but_not_what()
    {
        await using var ingestion = await IngestionHarness.StartAsync(("Ingestion:RangeItems", "16"));
        var lines = IngestionHarness.Lines(100).TrimEnd('\n').Split('\n').ToList();
        lines[41] = "{\"content\": \"zebra";
        lines[70] = "{\"content\": 7, \"zebra\": \"zebra\"}";
        lines[71] = "[\"zebra\"]";
        lines[90] = "{\"content\": \"  \"}";
        lines[99] = JsonSerializer.Serialize(new { content = "ok", metadata = new Dictionary<string, string> { [new string('z', 300)] = "zebra" } });
        var id = await ingestion.UploadAsync(string.Join('\n', lines));
        var job = await ingestion.EndedAsync(id);

        Assert.AreEqual(("completed", 95L, 0L, 5L), IngestionHarness.Counts(job));
        Assert.AreEqual(100, job.GetProperty("items").GetInt64());
        CollectionAssert.AreEquivalent(
            Enumerable.Range(1, 100).Where(i => i is not (42 or 71 or 72 or 91 or 100)).Select(i => $"A concept of number {i}.").ToArray(),
            ingestion.Api.Storage.Service.Concepts.Values.Select(concept => concept.Content).ToArray());
        Assert.AreEqual("3", ingestion.Api.Storage.Service.Concepts[FakeStorage.IdOf("A concept of number 3.")].Metadata["n"]);

        var items = await ingestion.JsonAsync($"/api/jobs/{id}/items?state=dead");
        CollectionAssert.AreEqual(
            new[] { "42 line invalid_json", "71 content invalid_type", "72 line invalid_type", "91 content", "100 metadata" },
            items.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("line").GetInt64() switch
            {
                < 90 and var line => $"{line} {item.GetProperty("field").GetString()} {item.GetProperty("code").GetString()}",
                var line => $"{line} {item.GetProperty("field").GetString()}",
            }).ToArray());
        Assert.DoesNotContain("zebra", items.ToString());
        Assert.IsFalse(ingestion.Api.Logs.Any(line => line.Contains("zebra", StringComparison.Ordinal)));
        Assert.IsTrue(items.GetProperty("items").EnumerateArray().All(item => item.GetProperty("reason").GetString()!.Length > 0));
    }

    [TestMethod]
    public async Task Csv_has_a_content_column_and_the_others_are_metadata()
    {
        await using var ingestion = await IngestionHarness.StartAsync();
        var id = await ingestion.UploadAsync(
            "Text,source,empty,owner\r\n\"First, with a comma\nand a line\",book,,\r\nSecond,,x,bob\r\nbroken,line\r\n", "text/csv", "?content_column=text&owner=carol");
        Assert.AreEqual(("completed", 2L, 0L, 1L), IngestionHarness.Counts(await ingestion.EndedAsync(id)));
        var first = ingestion.Api.Storage.Service.Concepts[FakeStorage.IdOf("First, with a comma\nand a line")];
        Assert.AreEqual("source=book", string.Join(',', first.Metadata.Select(pair => $"{pair.Key}={pair.Value}")));
        Assert.IsTrue(ingestion.Api.Storage.Service.Concepts.ContainsKey(FakeStorage.IdOf("Second")));
        var items = await ingestion.JsonAsync($"/api/jobs/{id}/items");
        Assert.AreEqual(5, items.GetProperty("items")[0].GetProperty("line").GetInt64());
    }

    [TestMethod]
    public async Task An_array_and_a_form_are_taken_too()
    {
        await using var ingestion = await IngestionHarness.StartAsync();
        var array = await ingestion.UploadAsync("[{\"content\": \"In an array.\"}, 5, {\"content\": \"Another.\"}]", "application/json", "?priority=9");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("3"), "priority" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes("{\"content\": \"In a form.\"}")), "file", "data.jsonl" },
        };
        using var response = await ingestion.Api.Http.PostAsync("/api/jobs", form);
        var fromForm = await IngestionHarness.AcceptedAsync(response);
        Assert.AreEqual(("completed", 2L, 0L, 1L), IngestionHarness.Counts(await ingestion.EndedAsync(array)));
        var job = await ingestion.EndedAsync(fromForm);
        Assert.AreEqual(("completed", 1L, 0L, 0L), IngestionHarness.Counts(job));
        Assert.AreEqual((3, "ndjson"), (job.GetProperty("priority").GetInt32(), job.GetProperty("format").GetString()));
        Assert.AreEqual(2, (await ingestion.JsonAsync($"/api/jobs/{array}/items")).GetProperty("items")[0].GetProperty("line").GetInt64());
        var listed = await ingestion.JsonAsync("/api/jobs?limit=1&state=completed");
        Assert.AreEqual(fromForm, listed.GetProperty("jobs")[0].GetProperty("id").GetString());
        listed = await ingestion.JsonAsync($"/api/jobs?limit=1&before={listed.GetProperty("next").GetString()}");
        Assert.AreEqual(array, listed.GetProperty("jobs")[0].GetProperty("id").GetString());
        Assert.AreEqual(JsonValueKind.Null, listed.GetProperty("next").ValueKind);
    }

    [TestMethod]
    [DataRow("", "application/x-ndjson", "", 400, "body")]
    [DataRow("\n\n", "application/x-ndjson", "", 400, "body")]
    [DataRow("{}", "text/plain", "", 415, null)]
    [DataRow("{}", "application/x-ndjson; charset=latin1", "", 415, null)]
    [DataRow("{}", "application/json", "", 400, null)]
    [DataRow("[{}", "application/json", "", 400, null)]
    [DataRow("[]", "application/json", "", 400, "body")]
    [DataRow("a,b\n1,2", "text/csv", "", 400, "content_column")]
    [DataRow("content,b,b\n1,2,3", "text/csv", "", 400, "content_column")]
    [DataRow("content\nx", "text/csv", "?content_column=other", 400, "content_column")]
    [DataRow("content\n", "text/csv", "", 400, "body")]
    [DataRow("{}", "application/x-ndjson", "?priority=10", 400, "priority")]
    [DataRow("{}", "application/x-ndjson", "?priority=high", 400, "priority")]
    [DataRow("{}", "application/x-ndjson", "?collection=No%20Name", 400, "collection")]
    [DataRow("{}", "application/x-ndjson", "?webhook=ftp://example.org", 400, "webhook")]
    [DataRow("{}", "application/x-ndjson", "?webhook=http://user:secret@example.org/", 400, "webhook")]
    [DataRow("no form", "multipart/form-data", "", 400, "body")]
    [DataRow("no form", "multipart/form-data; boundary=x", "", 400, "body")]
    public async Task What_cannot_be_a_job_is_a_problem_that_names_the_field_and_leaves_nothing(string body, string mediaType, string query, int status, string? field)
    {
        await using var ingestion = await IngestionHarness.StartAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        var problem = await ingestion.Api.ProblemAsync($"/api/jobs{query}", content, (HttpStatusCode)status);
        if (field is not null)
        {
            Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        }

        Assert.IsEmpty(Directory.GetFiles(ingestion.Spool, "*.upload"));
        Assert.AreEqual(0, (await ingestion.JsonAsync("/api/jobs")).GetProperty("jobs").GetArrayLength());
    }

    [TestMethod]
    public async Task Jobs_are_for_those_who_may_write_and_unknown_ones_are_not_found()
    {
        await using var ingestion = await IngestionHarness.StartAsync();
        using var reader = ingestion.Api.Client(Permissions.Read);
        Assert.AreEqual(HttpStatusCode.Forbidden, (await reader.GetAsync("/api/jobs")).StatusCode);
        Assert.AreEqual(HttpStatusCode.Forbidden, (await reader.PostAsync("/api/jobs", IngestionHarness.Body("{}"))).StatusCode);
        foreach (var path in new[] { "/api/jobs/0123", $"/api/jobs/{Guid.NewGuid():N}", $"/api/jobs/{Guid.NewGuid():N}/items", $"/api/jobs/{Guid.NewGuid():N}/events" })
        {
            var problem = await ApiUnderTest.ProblemAsync(await ingestion.Api.Http.GetAsync(path), HttpStatusCode.NotFound);
            Assert.AreEqual("job_not_found", problem.GetProperty("code").GetString());
        }

        foreach (var query in new[] { "state=done", "limit=0", "limit=x", "before=7" })
        {
            await ApiUnderTest.ProblemAsync(await ingestion.Api.Http.GetAsync($"/api/jobs?{query}"), HttpStatusCode.BadRequest);
        }
    }

    [TestMethod]
    public async Task While_the_embedder_or_the_storage_is_away_it_waits_and_no_attempt_is_lost()
    {
        await using var ingestion = await IngestionHarness.StartAsync(("Ingestion:Attempts", "1"), ("Ingestion:RangeItems", "10"));
        await ingestion.Api.Embedder.StopAsync();
        var id = await ingestion.UploadAsync(IngestionHarness.Lines(50));
        await ApiUnderTest.WaitUntilAsync(
            () => Task.FromResult(ingestion.Api.Logs.Count(line => line.Contains("the embedder is away", StringComparison.Ordinal)) >= 3),
            TimeSpan.FromSeconds(20),
            () => "it does not try again");
        Assert.AreEqual(("running", 0L, 0L, 0L), IngestionHarness.Counts(await ingestion.JobAsync(id)));
        await ingestion.Api.Embedder.StartAsync();
        Assert.AreEqual(("completed", 50L, 0L, 0L), IngestionHarness.Counts(await ingestion.EndedAsync(id)));

        await ingestion.Api.Storage.StopAsync();
        var second = await ingestion.UploadAsync(IngestionHarness.Lines(50, "second"));
        await ApiUnderTest.WaitUntilAsync(
            () => Task.FromResult(ingestion.Api.Logs.Any(line => line.Contains("the storage is away", StringComparison.Ordinal))), TimeSpan.FromSeconds(20), () => "it does not try");
        await ingestion.Api.Storage.StartAsync();
        Assert.AreEqual(("completed", 50L, 0L, 0L), IngestionHarness.Counts(await ingestion.EndedAsync(second)));
    }

    [TestMethod]
    public async Task What_fails_three_times_is_a_dead_letter_that_can_be_tried_again()
    {
        await using var ingestion = await IngestionHarness.StartAsync();
        ingestion.Api.Storage.Service.LearnFails = new Status(StatusCode.Internal, "the disk");
        var id = await ingestion.UploadAsync(IngestionHarness.Lines(3));
        Assert.AreEqual(("completed", 0L, 0L, 3L), IngestionHarness.Counts(await ingestion.EndedAsync(id)));
        var item = (await ingestion.JsonAsync($"/api/jobs/{id}/items?state=dead&limit=1")).GetProperty("items")[0];
        Assert.AreEqual(3, item.GetProperty("attempts").GetInt32());
        Assert.IsNotEmpty(Directory.GetFiles(ingestion.Spool, "*.upload"), "it is kept for them");

        ingestion.Api.Storage.Service.LearnFails = null;
        await ingestion.PostAsync($"/api/jobs/{id}/retry");
        Assert.AreEqual(("completed", 3L, 0L, 0L), IngestionHarness.Counts(await ingestion.EndedAsync(id)));
        var problem = await ingestion.PostAsync($"/api/jobs/{id}/retry", HttpStatusCode.Conflict);
        Assert.AreEqual("job_state", problem.GetProperty("code").GetString());
    }

    [TestMethod]
    public async Task A_paused_job_rests_until_it_is_resumed_and_a_cancelled_one_ends()
    {
        await using var ingestion = await IngestionHarness.StartAsync(("Ingestion:RangeItems", "1"), ("Ingestion:MaxConcurrency", "1"));
        var gate = new TaskCompletionSource();
        ingestion.Api.Embedder.Service.Gate = gate.Task;
        var id = await ingestion.UploadAsync(IngestionHarness.Lines(20));
        await ingestion.WaitAsync(id, job => job.GetProperty("state").GetString() == "running");
        Assert.AreEqual("paused", (await ingestion.PostAsync($"/api/jobs/{id}/pause")).GetProperty("state").GetString());
        gate.SetResult();
        ingestion.Api.Embedder.Service.Gate = null;
        await ingestion.WaitAsync(id, job => job.GetProperty("learned").GetInt64() == 1);
        Assert.AreEqual(1, ingestion.Api.Embedder.Service.Calls);
        await ingestion.PostAsync($"/api/jobs/{id}/resume");
        Assert.AreEqual(("completed", 20L, 0L, 0L), IngestionHarness.Counts(await ingestion.EndedAsync(id)));
        await ingestion.PostAsync($"/api/jobs/{id}/pause", HttpStatusCode.Conflict);

        ingestion.Api.Embedder.Service.Gate = new TaskCompletionSource().Task;
        var second = await ingestion.UploadAsync(IngestionHarness.Lines(20, "second"));
        Assert.AreEqual("cancelled", (await ingestion.PostAsync($"/api/jobs/{second}/cancel")).GetProperty("state").GetString());
        await ingestion.PostAsync($"/api/jobs/{second}/resume", HttpStatusCode.Conflict);
        using var deleted = await ingestion.Api.Http.DeleteAsync($"/api/jobs/{second}");
        Assert.AreEqual(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await ingestion.Api.Http.GetAsync($"/api/jobs/{second}");
        Assert.AreEqual(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.IsFalse(File.Exists(Path.Combine(ingestion.Spool, $"{second}.upload")));
        var actions = (await File.ReadAllTextAsync(ingestion.Api.AuditFile)).Split('\n').Where(line => line.Contains(second, StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("action").GetString()).ToArray();
        CollectionAssert.AreEqual(
            new[] { "job-create-intent", "job-create", "job-cancel-intent", "job-cancel", "job-delete-intent", "job-delete" }, actions);
    }

    [TestMethod]
    public async Task Stopped_in_the_middle_it_goes_on_where_it_was_and_uploads_are_private_and_go_when_they_are_done_with()
    {
        await using var ingestion = await IngestionHarness.StartAsync(("Ingestion:RangeItems", "5"));
        var gate = new TaskCompletionSource();
        ingestion.Api.Embedder.Service.Gate = gate.Task;
        var id = await ingestion.UploadAsync(IngestionHarness.Lines(60));
        await ingestion.WaitAsync(id, job => job.GetProperty("state").GetString() == "running");
        var file = Path.Combine(ingestion.Spool, $"{id}.upload");
        var left = Path.Combine(ingestion.Spool, $"{Guid.NewGuid():N}.upload");
        await File.WriteAllTextAsync(left, "half an upload");
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        await ingestion.RestartAsync();
        Assert.AreEqual(("completed", 60L, 0L, 0L), IngestionHarness.Counts(await ingestion.EndedAsync(id)));
        Assert.HasCount(60, ingestion.Api.Storage.Service.Concepts);
        Assert.IsFalse(File.Exists(left), "removed at start");
        await ingestion.RestartAsync();
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(!File.Exists(file)), TimeSpan.FromSeconds(10), () => "the upload is still there");
        Assert.IsFalse((await ingestion.WaitAsync(id, job => !job.GetProperty("upload_kept").GetBoolean())).GetProperty("upload_kept").GetBoolean());
    }

    [TestMethod]
    public async Task Progress_is_streamed_to_the_end_and_goes_on_from_the_last_event()
    {
        await using var ingestion = await IngestionHarness.StartAsync(("Ingestion:RangeItems", "1"), ("Ingestion:MaxConcurrency", "1"));
        var gate = new TaskCompletionSource();
        ingestion.Api.Embedder.Service.Gate = gate.Task;
        var id = await ingestion.UploadAsync(IngestionHarness.Lines(3));
        await ingestion.WaitAsync(id, job => job.GetProperty("state").GetString() == "running");
        using var response = await ingestion.Api.Http.GetAsync($"/api/jobs/{id}/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.AreEqual("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (first, name, progress) = await EventAsync(reader);
        Assert.AreEqual(("progress", 0L), (name, progress.GetProperty("learned").GetInt64()));
        gate.SetResult();
        string last;
        do
        {
            (last, name, progress) = await EventAsync(reader);
        }
        while (name == "progress");

        Assert.AreEqual(("end", 3L, "completed"), (name, progress.GetProperty("learned").GetInt64(), progress.GetProperty("state").GetString()));
        Assert.AreNotEqual(first, last);
        Assert.IsNull(await reader.ReadLineAsync());

        using var again = new HttpRequestMessage(HttpMethod.Get, $"/api/jobs/{id}/events");
        again.Headers.Add("Last-Event-ID", last);
        using var nothing = await ingestion.Api.Http.SendAsync(again);
        Assert.AreEqual(HttpStatusCode.NoContent, nothing.StatusCode);
        using var before = new HttpRequestMessage(HttpMethod.Get, $"/api/jobs/{id}/events");
        before.Headers.Add("Last-Event-ID", first);
        using var rest = await ingestion.Api.Http.SendAsync(before);
        StringAssert.StartsWith(await rest.Content.ReadAsStringAsync(), $"id: {last}\nevent: end\n");
    }

    private static async Task<(string Id, string Name, JsonElement Data)> EventAsync(StreamReader reader)
    {
        var id = await reader.ReadLineAsync();
        var name = await reader.ReadLineAsync();
        var data = await reader.ReadLineAsync();
        await reader.ReadLineAsync();
        return (id!["id: ".Length..], name!["event: ".Length..], JsonDocument.Parse(data!["data: ".Length..]).RootElement);
    }
}
