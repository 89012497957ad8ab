using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sutra.Api;
using Sutra.Api.Auditing;
using Sutra.Contracts.Identity;
using Sutra.ServiceDefaults.Startup;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Auditing;

[TestClass]
public sealed class FileAuditTests
{
    [TestMethod]
    public async Task Every_action_leaves_a_record_of_who_what_and_outcome_but_no_text_and_no_name()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var activity = new Activity("test").Start();
        var id = await api.LearnAsync("xylophone content", new { xylophonekey = "xylophone value" });
        await api.QueryAsync("xylophone question");
        await api.Http.GetAsync($"/api/concepts/{id}");
        await api.Http.GetAsync("/api/concepts/ffffffffffffffff");
        await api.Http.DeleteAsync($"/api/concepts/{id}");

        var lines = await File.ReadAllLinesAsync(api.AuditFile);
        var records = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        CollectionAssert.AreEqual(
            new[]
            {
                "learn-intent intended", "learn created", "query ok", "get ok", "get not-found", "delete-intent intended", "delete ok",
            },
            records.Select(record => $"{record.GetProperty("action")} {record.GetProperty("outcome")}").ToArray());
        foreach (var record in records)
        {
            Assert.AreEqual(64, record.GetProperty("caller_hash").GetString()!.Length);
            Assert.AreEqual(records[0].GetProperty("caller_hash").GetString(), record.GetProperty("caller_hash").GetString());
            Assert.AreEqual(activity.TraceId.ToHexString(), record.GetProperty("trace_id").GetString());
        }

        foreach (var concerning in new[] { 1, 2, 3, 5, 6 })
        {
            Assert.AreEqual(id, records[concerning].GetProperty("concept_ids")[0].GetString());
        }

        Assert.AreEqual("fake-model-1", records[1].GetProperty("model").GetString());
        var all = string.Join('\n', lines);
        Assert.DoesNotContain("xylophone", all);
        Assert.DoesNotContain("alice", all);
    }

    [TestMethod]
    public async Task Another_caller_has_another_hash()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var bob = api.ClientOf("key:bob", "admin");
        await api.QueryAsync("who is it");
        await bob.PostAsJsonAsync("/api/query", new { query = "who is it" });
        var hashes = (await File.ReadAllLinesAsync(api.AuditFile)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("caller_hash").GetString()).ToList();
        Assert.HasCount(2, hashes.Distinct().ToList());
    }

    [TestMethod]
    public async Task A_failed_learn_is_on_record_too()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.Storage.StopAsync();
        await api.ProblemAsync("/api/learn", JsonContent.Create(new { content = "Lost." }), HttpStatusCode.ServiceUnavailable);
        var last = JsonDocument.Parse((await File.ReadAllLinesAsync(api.AuditFile))[^1]).RootElement;
        Assert.AreEqual("failed:storage_unavailable", last.GetProperty("outcome").GetString());
    }

    [TestMethod]
    public async Task The_chain_goes_on_over_a_restart_and_a_torn_last_line_is_cut()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("trail.jsonl");
        await RunAsync(file, "First run.");
        var whole = await File.ReadAllBytesAsync(file);
        await File.AppendAllTextAsync(file, """{"seq":99,"time":"half a li""");
        await RunAsync(file, "Second run.");
        var lines = await File.ReadAllLinesAsync(file);
        CollectionAssert.AreEqual(Enumerable.Range(1, lines.Length).ToArray(), lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("seq").GetInt32()).ToArray());
        CollectionAssert.AreEqual(whole, (await File.ReadAllBytesAsync(file))[..whole.Length]);
        await RunAsync(file, "Third run.");
    }

    [TestMethod]
    public async Task Whatever_is_changed_in_the_file_stops_the_start_and_names_the_line()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("trail.jsonl");
        await RunAsync(file, "One.", "Two.");
        var lines = await File.ReadAllLinesAsync(file);
        Assert.HasCount(4, lines);

        string[][] tampered =
        [
            [lines[0], lines[1].Replace("created", "replaced", StringComparison.Ordinal), lines[2], lines[3]],
            [lines[0], lines[2], lines[3]],
            [lines[0], lines[2], lines[1], lines[3]],
            [lines[0], lines[0], lines[1], lines[2], lines[3]],
            [lines[0], "", lines[1], lines[2], lines[3]],
            [lines[0], lines[1][..^2] + "0\"}".PadLeft(2), lines[2], lines[3]],
        ];
        foreach (var change in tampered)
        {
            await File.WriteAllTextAsync(file, string.Concat(change.Select(line => $"{line}\n")));
            var error = await Assert.ThrowsAsync<StartupException>(() => OpenAsync(file));
            StringAssert.Contains(error.Message, "broken at line 2");
        }

        await File.WriteAllTextAsync(file, string.Concat(lines.Select(line => $"{line}\n")));
        var otherKey = await Assert.ThrowsAsync<StartupException>(() => OpenAsync(file, "another-key-another-key-another-key-1"));
        StringAssert.Contains(otherKey.Message, "broken at line 1");
        await RunAsync(file);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_broken_chain_ends_the_process_with_one_line_and_no_stack_trace()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("trail.jsonl");
        await File.WriteAllTextAsync(file, "{\"seq\":1}\n");
        await using var process = ServiceProcess.Start(Repository.Program("Sutra.Api"), new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["Identity__Key"] = ApiUnderTest.HashKey,
            ["Audit__HashKey"] = ApiUnderTest.HashKey,
            ["Audit__FilePath"] = file,
        });
        await process.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.AreEqual(1, process.Process.ExitCode, process.Output);
        var lines = process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => !line.StartsWith('{')).ToList();
        Assert.HasCount(1, lines, process.Output);
        StringAssert.Contains(lines[0], "broken at line 1");
        Assert.DoesNotContain("   at ", process.Output);
    }

    [TestMethod]
    public async Task Two_instances_cannot_write_one_file()
    {
        using var folder = new TemporaryFolder();
        await using var first = await ApiUnderTest.StartAsync(("Audit:FilePath", folder.File("trail.jsonl")));
        await Assert.ThrowsAsync<StartupException>(() => OpenAsync(folder.File("trail.jsonl")));
        await first.LearnAsync("The first one goes on.");
    }

    [TestMethod]
    public async Task Many_at_once_are_committed_in_groups_and_none_is_missing()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => api.LearnAsync($"Concept number {i}.")));
        Assert.HasCount(200, await File.ReadAllLinesAsync(api.AuditFile));
    }

    [TestMethod]
    [DataRow("Audit:HashKey", "", "Audit:HashKey")]
    [DataRow("Audit:HashKey", "short", "Audit:HashKey")]
    [DataRow("Audit:FilePath", "", "ConnectionStrings:audit")]
    [DataRow("Audit:FilePath", "/proc/no/such/place", "Audit:FilePath")]
    [DataRow("ConnectionStrings:audit", "this is none", "ConnectionStrings:audit")]
    [DataRow("Embeddings:Deadline", "0", "Deadline")]
    [DataRow("Identity:Key", "short", "Identity:Key")]
    public async Task A_bad_setting_stops_the_start_with_a_line_that_names_it(string name, string value, string mention)
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Identity:Key"] = ApiUnderTest.HashKey,
            ["Audit:HashKey"] = ApiUnderTest.HashKey,
            ["Audit:FilePath"] = folder.File("trail.jsonl"),
            [name] = value,
        };
        var error = await Assert.ThrowsAsync<Exception>(async () =>
        {
            // As Program.cs does it, less the frame that turns the error into a line.
            var builder = WebApplication.CreateBuilder([.. settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
            builder.AddSutraServiceDefaults();
            builder.AddInternalIdentity();
            builder.AddApi();
            await using var app = builder.Build();
            await app.StartAsync();
        });
        var line = StartupError.Describe(error);
        StringAssert.Contains(line, mention);
        Assert.DoesNotContain("\n", line);
    }

    private static async Task OpenAsync(string file, string key = ApiUnderTest.HashKey)
    {
        await using var store = new FileAuditStore(Options.Create(new AuditOptions { FilePath = file, HashKey = key }));
        await store.OpenAsync(CancellationToken.None);
    }

    private static async Task RunAsync(string file, params string[] contents)
    {
        await using var api = await ApiUnderTest.StartAsync(("Audit:FilePath", file));
        foreach (var content in contents)
        {
            await api.LearnAsync(content);
        }
    }
}
