using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sutra.Tests.Harness;

namespace Sutra.Tests.EndToEnd;

/// <summary>A job goes on after kill -9 of the api, the embedder or the storage, at whatever moment, and ends with exactly its concepts.</summary>
[TestClass]
[TestCategory("Slow")]
[DoNotParallelize]
public sealed class IngestionCrashTests
{
    // SUTRA_TEST_KILLS asks for more.
    private static readonly int s_kills = int.Parse(Environment.GetEnvironmentVariable("SUTRA_TEST_KILLS") ?? "3", CultureInfo.InvariantCulture);
    private static readonly string[] s_programs = ["Sutra.Api.dll", "Sutra.Embedder.dll", "Sutra.Storage.dll"];
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("embedded")]
    [DataRow("local")]
    public async Task A_job_ends_with_exactly_its_concepts_however_often_a_part_is_killed(string infrastructure)
    {
        await using var sutra = await SutraSystem.StartAsync(infrastructure);
        var lines = Math.Max(6000, s_kills * 1200);
        var contents = Enumerable.Range(1, lines).Select(i => $"Ship {i} left harbour {i % 89} with {i * 7 % 1013} crates of tea on day {i % 365}.").ToList();
        var broken = lines / 2;
        var upload = new StringBuilder();
        for (var i = 0; i < lines; i++)
        {
            upload.Append(i == broken ? "{\"content\": \"broken" : JsonSerializer.Serialize(new { content = contents[i], metadata = new { n = $"{i}" } })).Append('\n');
        }

        using var accepted = await sutra.Http.PostAsync("/api/jobs", new StringContent(upload.ToString(), Encoding.UTF8, "application/x-ndjson"));
        var answer = await accepted.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.Accepted, accepted.StatusCode, answer);
        var id = JsonDocument.Parse(answer).RootElement.GetProperty("id").GetString()!;

        var random = new Random(4711);
        var killed = s_programs.ToDictionary(program => program, _ => 0);
        var inTime = 0;
        for (var kill = 0; kill < s_kills; kill++)
        {
            var threshold = (long)lines * kill / s_kills;
            var job = await JobAsync(sutra, id, job => job.GetProperty("learned").GetInt64() >= threshold);
            await Task.Delay(random.Next(200));
            var program = s_programs[random.Next(s_programs.Length)];
            if (sutra.ProcessesOf(program) is [var pid])
            {
                inTime += job.GetProperty("finished_at").ValueKind == JsonValueKind.Null ? 1 : 0;
                Signal.Send(pid, Signal.Kill);
                killed[program]++;
            }
        }

        var ended = await JobAsync(sutra, id, job => job.GetProperty("finished_at").ValueKind != JsonValueKind.Null);
        TestContext.WriteLine($"{inTime} kills of {s_kills} while it ran: {string.Join(", ", killed.Select(pair => $"{pair.Key} {pair.Value}"))}; {ended}");
        Assert.IsGreaterThan(s_kills / 2, inTime, "kills came while it ran");
        Assert.AreEqual("completed", ended.GetProperty("state").GetString(), ended.ToString());
        Assert.AreEqual(lines - 1, ended.GetProperty("learned").GetInt64());
        Assert.AreEqual(1, ended.GetProperty("dead").GetInt64());
        await sutra.WaitForHealthAsync(200, s_limit);
        StringAssert.Contains((await sutra.HealthAsync()).ToString(), $"{lines - 1} concepts", "none that should not be there");
        await Parallel.ForEachAsync(
            contents.Where((_, i) => i != broken),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (content, cancellation) =>
            {
                var conceptId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 8));
                using var response = await sutra.Http.GetAsync($"/api/concepts/{conceptId}", cancellation);
                Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, content);
            });
    }

    private static async Task<JsonElement> JobAsync(SutraSystem sutra, string id, Func<JsonElement, bool> condition)
    {
        var last = "no answer";
        JsonElement job = default;
        await Api.ApiUnderTest.WaitUntilAsync(
            async () =>
            {
                try
                {
                    using var response = await sutra.Http.GetAsync($"/api/jobs/{id}");
                    last = await response.Content.ReadAsStringAsync();
                    return response.StatusCode == HttpStatusCode.OK && condition(job = JsonDocument.Parse(last).RootElement.Clone());
                }
                catch (HttpRequestException e)
                {
                    last = e.Message;
                    return false;
                }
            },
            s_limit,
            () => $"{last}\n{sutra.AppHost.Output}");
        return job;
    }
}
