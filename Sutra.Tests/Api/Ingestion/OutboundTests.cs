using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sutra.Api.Ingestion.Outbound;
using Sutra.Api.Ingestion.Schedules;
using Sutra.Api.Ingestion.Webhooks;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Ingestion;

/// <summary>What the ingester asks of other servers, and of folders.</summary>
[TestClass]
public sealed class OutboundTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private static readonly (string, string?) s_loopbackAllowed = ("Ingestion:AllowedNetworks:0", "127.0.0.0/8");

    [TestMethod]
    [DataRow("8.8.8.8", true)]
    [DataRow("2606:4700::1111", true)]
    [DataRow("10.1.2.3", true)]
    [DataRow("127.0.0.1", false)]
    [DataRow("127.8.8.8", false)]
    [DataRow("0.0.0.0", false)]
    [DataRow("10.2.0.1", false)]
    [DataRow("172.31.255.255", false)]
    [DataRow("192.168.1.1", false)]
    [DataRow("169.254.169.254", false)]
    [DataRow("100.64.0.1", false)]
    [DataRow("224.0.0.1", false)]
    [DataRow("255.255.255.255", false)]
    [DataRow("::1", false)]
    [DataRow("::", false)]
    [DataRow("fe80::1", false)]
    [DataRow("fd00::1", false)]
    [DataRow("ff02::1", false)]
    [DataRow("::ffff:127.0.0.1", false)]
    [DataRow("::ffff:8.8.8.8", true)]
    [DataRow("::127.0.0.1", false)]
    [DataRow("64:ff9b::7f00:1", false)]
    [DataRow("64:ff9b::808:808", true)]
    [DataRow("2002:7f00:1::", false)]
    [DataRow("2002:a9fe:a9fe::", false)]
    public void Only_public_addresses_and_allowed_networks_are_called(string address, bool allowed) =>
        Assert.AreEqual(allowed, new AddressPolicy(["10.1.0.0/16"]).Allows(IPAddress.Parse(address)));

    [TestMethod]
    public async Task A_webhook_is_signed_and_tried_again_until_it_is_taken()
    {
        var answers = 0;
        await using var server = await Server.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref answers) < 3 ? 503 : 204;
            return Task.CompletedTask;
        });
        await using var ingestion = await IngestionHarness.StartAsync(s_loopbackAllowed);
        var id = await ingestion.UploadAsync(IngestionHarness.Lines(2), query: $"?webhook={server.Address}/hook?token=xylophone");
        var job = await ingestion.WaitAsync(id, job => job.GetProperty("webhook").GetProperty("state").GetString() == "delivered");
        Assert.AreEqual(3, job.GetProperty("webhook").GetProperty("attempts").GetInt32());
        Assert.HasCount(3, server.Requests);
        Assert.AreEqual(1, server.Requests.Select(request => request.Headers[WebhookSender.DeliveryHeader]).Distinct().Count());
        var last = server.Requests.Last();
        var timestamp = last.Headers[WebhookSender.TimestampHeader];
        Assert.AreEqual(
            WebhookSender.Sign(IngestionHarness.WebhookSecret, timestamp, Encoding.UTF8.GetBytes(last.Body)), last.Headers[WebhookSender.SignatureHeader]);
        Assert.IsLessThan(60, Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(timestamp)));
        var told = JsonDocument.Parse(last.Body).RootElement;
        Assert.AreEqual((id, "completed", 2L), (told.GetProperty("id").GetString(), told.GetProperty("state").GetString(), told.GetProperty("learned").GetInt64()));
        Assert.IsFalse(ingestion.Api.Logs.Any(line => line.Contains("xylophone", StringComparison.Ordinal)));
        Assert.DoesNotContain("xylophone", job.ToString());
    }

    [TestMethod]
    public async Task A_webhook_to_this_machine_is_refused_even_by_name_and_given_up()
    {
        var called = 0;
        await using var server = await Server.StartAsync(context =>
        {
            Interlocked.Increment(ref called);
            return Task.CompletedTask;
        });
        await using var ingestion = await IngestionHarness.StartAsync(("Ingestion:WebhookAttempts", "2"));
        foreach (var host in new[] { "127.0.0.1", "localhost", "[::ffff:127.0.0.1]" })
        {
            var id = await ingestion.UploadAsync(IngestionHarness.Lines(1), query: $"?webhook=http://{host}:{server.Port}/");
            var job = await ingestion.WaitAsync(id, job => job.GetProperty("webhook").GetProperty("state").GetString() == "failed");
            Assert.AreEqual("forbidden_address", job.GetProperty("webhook").GetProperty("error").GetString());
            Assert.AreEqual(2, job.GetProperty("webhook").GetProperty("attempts").GetInt32());
        }

        Assert.AreEqual(0, called);
    }

    [TestMethod]
    public async Task A_scheduled_address_makes_a_job_when_what_it_answers_has_changed()
    {
        var content = IngestionHarness.Lines(3);
        var tag = "\"1\"";
        await using var server = await Server.StartAsync(async context =>
        {
            if (context.Request.Path == "/moved")
            {
                context.Response.Redirect("/data");
                return;
            }

            if (context.Request.Headers.IfNoneMatch == tag)
            {
                context.Response.StatusCode = 304;
                return;
            }

            context.Response.ContentType = "application/x-ndjson";
            context.Response.Headers.ETag = tag;
            await context.Response.WriteAsync(content);
        });
        await using var ingestion = await IngestionHarness.StartAsync(s_loopbackAllowed);
        var schedule = await CreateAsync(ingestion, $"{server.Address}/moved");
        var ran = await RanAsync(ingestion, schedule);
        Assert.AreEqual("created", ran.GetProperty("last_result").GetString());
        var job = await ingestion.EndedAsync(ran.GetProperty("last_jobs")[0].GetString()!);
        Assert.AreEqual(("completed", 3L, 0L, 0L), IngestionHarness.Counts(job));
        Assert.AreEqual(schedule, job.GetProperty("schedule_id").GetString());
        Assert.IsGreaterThan(DateTimeOffset.UtcNow, ran.GetProperty("next_run_at").GetDateTimeOffset());

        Assert.AreEqual("unchanged", (await RunAgainAsync(ingestion, schedule)).GetProperty("last_result").GetString());
        tag = "\"2\"";
        Assert.AreEqual("unchanged", (await RunAgainAsync(ingestion, schedule)).GetProperty("last_result").GetString(), "another tag, the same contents");
        (tag, content) = ("\"3\"", IngestionHarness.Lines(4));
        Assert.AreEqual("created", (await RunAgainAsync(ingestion, schedule)).GetProperty("last_result").GetString());
        tag = "\"4\"";
        await ingestion.RestartAsync();
        Assert.AreEqual("unchanged", (await RunAgainAsync(ingestion, schedule)).GetProperty("last_result").GetString(), "it is remembered");
        using var deleted = await ingestion.Api.Http.DeleteAsync($"/api/schedules/{schedule}");
        Assert.AreEqual(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.AreEqual(0, (await ingestion.JsonAsync("/api/schedules")).GetProperty("schedules").GetArrayLength());
    }

    [TestMethod]
    public async Task A_redirect_to_where_nobody_may_go_is_not_followed()
    {
        await using var secret = await Server.StartAsync(context => context.Response.WriteAsync("secret"));
        await using var server = await Server.StartAsync(context =>
        {
            context.Response.Redirect(context.Request.Path == "/loop" ? "/loop" : $"http://127.0.0.2:{secret.Port}/");
            return Task.CompletedTask;
        });
        await using var ingestion = await IngestionHarness.StartAsync(("Ingestion:AllowedNetworks:0", "127.0.0.1/32"));
        var away = await RanAsync(ingestion, await CreateAsync(ingestion, $"{server.Address}/away.ndjson"));
        Assert.AreEqual("forbidden_address", away.GetProperty("last_result").GetString());
        var loop = await RanAsync(ingestion, await CreateAsync(ingestion, $"{server.Address}/loop"));
        Assert.AreEqual("too_many_redirects", loop.GetProperty("last_result").GetString());
        Assert.IsEmpty(secret.Requests);
    }

    [TestMethod]
    public async Task A_scheduled_folder_makes_a_job_of_each_file_that_is_new_or_changed_and_reads_nothing_outside()
    {
        using var outside = new TemporaryFolder();
        using var root = new TemporaryFolder();
        var inbox = Directory.CreateDirectory(root.File("inbox")).FullName;
        await WriteAsync(Path.Combine(inbox, "a.ndjson"), IngestionHarness.Lines(2));
        await WriteAsync(Path.Combine(inbox, "b.csv"), "content\nFrom a table.\n");
        await WriteAsync(Path.Combine(inbox, "notes.txt"), "not taken");
        await WriteAsync(outside.File("secret.ndjson"), IngestionHarness.Lines(1, "secret"));
        File.CreateSymbolicLink(Path.Combine(inbox, "link.ndjson"), outside.File("secret.ndjson"));
        Directory.CreateSymbolicLink(root.File("escape"), outside.Path);
        await using var ingestion = await IngestionHarness.StartAsync(("Ingestion:ScheduleRoots:0", root.Path));
        foreach (var source in new[] { outside.Path, root.File("escape"), $"{inbox}/../../", "/", "inbox", "file:///etc", root.File("missing") })
        {
            using var refused = await ingestion.Api.Http.PostAsJsonAsync("/api/schedules", new { source, every_minutes = 1 });
            var problem = await ApiUnderTest.ProblemAsync(refused, HttpStatusCode.BadRequest);
            Assert.IsTrue(problem.GetProperty("errors").TryGetProperty("source", out _), source);
        }

        var schedule = await CreateAsync(ingestion, inbox);
        var ran = await RanAsync(ingestion, schedule);
        Assert.AreEqual(("created", 2), (ran.GetProperty("last_result").GetString(), ran.GetProperty("last_jobs").GetArrayLength()));
        foreach (var job in ran.GetProperty("last_jobs").EnumerateArray())
        {
            await ingestion.EndedAsync(job.GetString()!);
        }

        Assert.HasCount(3, ingestion.Api.Storage.Service.Concepts);
        Assert.AreEqual("unchanged", (await RunAgainAsync(ingestion, schedule)).GetProperty("last_result").GetString());
        await WriteAsync(Path.Combine(inbox, "b.csv"), "content\nFrom a table.\nAnother row.\n");
        ran = await RunAgainAsync(ingestion, schedule);
        Assert.AreEqual(("created", 1), (ran.GetProperty("last_result").GetString(), ran.GetProperty("last_jobs").GetArrayLength()));

        // The folder itself becomes a link to somewhere else.
        Directory.Delete(inbox, recursive: true);
        Directory.CreateSymbolicLink(inbox, outside.Path);
        Assert.AreEqual("forbidden_folder", (await RunAgainAsync(ingestion, schedule)).GetProperty("last_result").GetString());
    }

    [TestMethod]
    public async Task Schedules_that_cannot_be_are_problems_that_name_the_field()
    {
        await using var ingestion = await IngestionHarness.StartAsync();
        foreach (var (body, field) in new (object, string)[]
        {
            (new { every_minutes = 1 }, "source"),
            (new { source = "https://example.org/x", every_minutes = 0 }, "every_minutes"),
            (new { source = "https://example.org/x" }, "every_minutes"),
            (new { source = "gopher://example.org/x", every_minutes = 1 }, "source"),
            (new { source = "https://user@example.org/x", every_minutes = 1 }, "source"),
            (new { source = "https://example.org/x", every_minutes = 1, priority = 12 }, "priority"),
            (new { source = "https://example.org/x", every_minutes = "often" }, "every_minutes"),
        })
        {
            using var response = await ingestion.Api.Http.PostAsJsonAsync("/api/schedules", body);
            var problem = await ApiUnderTest.ProblemAsync(response, HttpStatusCode.BadRequest);
            Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        }
    }

    private static async Task WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text);

        // One that was changed just now may still be being written, and is left for the next run.
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
    }

    private static async Task<string> CreateAsync(IngestionHarness ingestion, string source)
    {
        using var response = await ingestion.Api.Http.PostAsJsonAsync("/api/schedules", new { source, every_minutes = 5 });
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>As if five minutes had passed.</summary>
    private static async Task<JsonElement> RunAgainAsync(IngestionHarness ingestion, string id)
    {
        var store = (Sutra.Api.Ingestion.Jobs.IJobStore)ingestion.Api.Services.GetService(typeof(Sutra.Api.Ingestion.Jobs.IJobStore))!;
        var schedule = (await store.FindScheduleAsync(id, default))!;
        await store.FinishScheduleAsync(schedule with { NextAt = DateTimeOffset.UtcNow.AddMinutes(-17), LastRunAt = null, LastResult = null }, default);
        return await RanAsync(ingestion, id);
    }

    private static async Task<JsonElement> RanAsync(IngestionHarness ingestion, string id)
    {
        JsonElement schedule = default;
        await ApiUnderTest.WaitUntilAsync(
            async () => (schedule = await ingestion.JsonAsync($"/api/schedules/{id}")).GetProperty("last_result").ValueKind == JsonValueKind.String,
            s_limit,
            () => schedule.ToString());
        return schedule;
    }

    private sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, string Body);

    private sealed class Server(WebApplication app) : IAsyncDisposable
    {
        public string Address => app.Urls.First();

        public int Port => new Uri(Address).Port;

        public ConcurrentQueue<Received> Requests { get; } = new();

        public static async Task<Server> StartAsync(RequestDelegate answer)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var server = new Server(app);
            app.Run(async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                server.Requests.Enqueue(new Received(
                    context.Request.Path,
                    context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
                    await reader.ReadToEndAsync()));
                await answer(context);
            });
            await app.StartAsync();
            return server;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
