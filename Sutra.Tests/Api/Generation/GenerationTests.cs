using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Generation;

/// <summary>Answers written by a language model, through the API and against a real HTTP endpoint.</summary>
[TestClass]
public sealed class GenerationTests
{
    private const string Question = "When does the lighthouse keeper wind the clockwork?";
    private const string Sentence = "The lighthouse keeper winds the clockwork at 18.30.";
    private const string Good = "The keeper winds the clockwork at 18.30 [1].";

    [TestMethod]
    public async Task What_the_evidence_says_is_the_answer_with_citations_by_place()
    {
        await using var model = new LanguageModel { Answer = $"{Good} The lamp of the lighthouse turns until 06.15. [1]" };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        const string Content = $"The tower is white. {Sentence} The lamp of the lighthouse turns until 06.15.";
        var id = await api.LearnAsync(Content, new { source = "logbook" });
        var found = await AskAsync(api);
        var answer = found.GetProperty("answer").GetString()!;
        Assert.AreEqual("The keeper winds the clockwork at 18.30. The lamp of the lighthouse turns until 06.15.", answer);
        AssertOutcome(found, "generated", null);
        Assert.AreEqual("some-model", found.GetProperty("generation").GetProperty("model").GetString());
        var citations = found.GetProperty("citations").EnumerateArray().ToList();
        Assert.HasCount(2, citations);
        Assert.AreEqual(id, citations[0].GetProperty("concept_id").GetString());
        Assert.AreEqual("logbook", citations[0].GetProperty("source").GetString());
        Assert.AreEqual(Sentence, Part(Content, citations[0], "start", "end"));
        Assert.AreEqual("The keeper winds the clockwork at 18.30.", Part(answer, citations[0], "answer_start", "answer_end"));
        Assert.AreEqual("The lamp of the lighthouse turns until 06.15.", Part(Content, citations[1], "start", "end"));
        Assert.AreEqual("The lamp of the lighthouse turns until 06.15.", Part(answer, citations[1], "answer_start", "answer_end"));
        Assert.AreEqual($"Bearer {LanguageModel.Key}", model.Authorization);
        Assert.IsGreaterThan(0, found.GetProperty("timing").GetProperty("generate_ms").GetDouble());

        var audit = await File.ReadAllTextAsync(api.AuditFile);
        StringAssert.Contains(audit, "query-generate");
        StringAssert.Contains(audit, "some-model");
        Assert.IsFalse(api.Logs.Any(line => line.Contains(LanguageModel.Key, StringComparison.Ordinal)), "the key");
        Assert.IsFalse(api.Logs.Any(line => line.Contains("clockwork", StringComparison.Ordinal)), "the asker's words");
    }

    [TestMethod]
    [DataRow("The keeper winds the clockwork at 19.45 [1].", "not_supported", 1)]
    [DataRow("The keeper does not wind the clockwork at 18.30 [1].", "not_supported", 1)]
    [DataRow("The keeper Zorblat winds the clockwork at 18.30 [1].", "not_supported", 1)]
    [DataRow("The keeper winds the clockwork at 18.30.", "not_cited", 1)]
    [DataRow("The keeper winds the clockwork at 18.30 [7].", "not_cited", 1)]
    [DataRow("NO ANSWER", "model_found_no_answer", 0)]
    [DataRow("", "model_found_no_answer", 0)]
    public async Task What_the_evidence_does_not_say_is_replaced_by_its_own_sentences_and_that_is_announced(string written, string code, int dropped)
    {
        await using var model = new LanguageModel { Answer = written };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        using var counts = new Counts(api);
        await api.LearnAsync(Sentence);
        var found = await AskAsync(api);
        Assert.AreEqual(Sentence, found.GetProperty("answer").GetString());
        AssertOutcome(found, "extractive", code);
        Assert.AreEqual(dropped, found.GetProperty("generation").GetProperty("dropped_sentences").GetInt32());
        Assert.AreEqual(1, found.GetProperty("citations").GetArrayLength());
        Assert.IsTrue(api.Logs.Any(line => line.StartsWith("Warning 2411", StringComparison.Ordinal) && line.Contains(code, StringComparison.Ordinal)), string.Join('\n', api.Logs));
        Assert.IsFalse(api.Logs.Any(line => line.Contains("clockwork", StringComparison.Ordinal)), "what was written");
        Assert.AreEqual(1, counts.Of("query_generation", ("outcome", "extractive"), ("code", code)));
    }

    [TestMethod]
    public async Task A_sentence_that_is_not_supported_is_left_out_of_the_others()
    {
        await using var model = new LanguageModel { Answer = $"{Good} He was born in 1907 [1]." };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        await api.LearnAsync(Sentence);
        var found = await AskAsync(api);
        Assert.AreEqual("The keeper winds the clockwork at 18.30.", found.GetProperty("answer").GetString());
        AssertOutcome(found, "partial", "not_supported");
        Assert.AreEqual(1, found.GetProperty("generation").GetProperty("dropped_sentences").GetInt32());
    }

    [TestMethod]
    [DataRow(401, null, "refused")]
    [DataRow(307, null, "refused")]
    [DataRow(429, null, "busy")]
    [DataRow(500, null, "failed")]
    [DataRow(200, "this is no JSON", "failed")]
    [DataRow(200, "{}", "failed")]
    public async Task An_endpoint_that_fails_costs_nothing_but_its_words(int status, string? body, string code)
    {
        await using var model = new LanguageModel { Status = status, Body = body };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        await api.LearnAsync(Sentence);
        foreach (var stream in new[] { false, true })
        {
            var found = stream ? (await EventsAsync(api))[^1].Data : await AskAsync(api);
            Assert.AreEqual(Sentence, found.GetProperty("answer").GetString());
            AssertOutcome(found, "extractive", code);
        }

        Assert.AreEqual(2, model.Calls, "tried once each");
        Assert.IsFalse(api.Logs.Any(line => line.Contains("clockwork", StringComparison.Ordinal)), "what the endpoint repeats of the question");
    }

    [TestMethod]
    public async Task Refusing_being_late_and_being_away_are_told_apart()
    {
        var model = new LanguageModel { Refusal = "I will not." };
        await using (model)
        {
            await using var api = await ApiUnderTest.StartAsync(model.Settings(("Generation:Timeout", "00:00:00.300")));
            await api.LearnAsync(Sentence);
            AssertOutcome(await AskAsync(api), "extractive", "refused");
            (model.Refusal, model.Gate) = (null, new TaskCompletionSource().Task);
            AssertOutcome(await AskAsync(api), "extractive", "timed_out");
            await model.DisposeAsync();
            AssertOutcome(await AskAsync(api), "extractive", "unreachable");
        }
    }

    [TestMethod]
    public async Task Events_bring_each_sentence_while_the_next_one_is_written()
    {
        var gate = new TaskCompletionSource();
        await using var model = new LanguageModel { Answer = $"{Good} The lamp of the lighthouse is lit by hand before that, every evening [1].", Gate = gate.Task };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        await api.LearnAsync($"{Sentence} The lamp of the lighthouse is lit by hand before that, every evening.");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/query") { Content = JsonContent.Create(new { query = Question, generate = true, stream = true }) };
        using var response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.AreEqual("evidence", (await NextAsync(reader)).Name);
        var first = await NextAsync(reader);
        Assert.AreEqual("answer", first.Name);
        Assert.AreEqual("The keeper winds the clockwork at 18.30.", first.Data.GetProperty("text").GetString());
        Assert.IsFalse(gate.Task.IsCompleted);
        gate.SetResult();
        var second = await NextAsync(reader);
        var (name, done) = await NextAsync(reader);
        Assert.AreEqual("done", name);
        Assert.AreEqual(done.GetProperty("answer").GetString(), first.Data.GetProperty("text").GetString() + second.Data.GetProperty("text").GetString());
        AssertOutcome(done, "generated", null);
        Assert.AreEqual(2, done.GetProperty("citations").GetArrayLength());
        Assert.IsTrue(model.Request.GetProperty("stream").GetBoolean());
    }

    [TestMethod]
    public async Task Events_of_a_fallback_are_those_of_the_extractive_answer()
    {
        await using var model = new LanguageModel { Answer = "Elephants migrate across frozen deserts [1]." };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        await api.LearnAsync(Sentence);
        var events = await EventsAsync(api);
        CollectionAssert.AreEqual(new[] { "evidence", "answer", "done" }, events.Select(one => one.Name).ToArray());
        Assert.AreEqual(Sentence, events[1].Data.GetProperty("text").GetString());
        AssertOutcome(events[2].Data, "extractive", "not_supported");
    }

    [TestMethod]
    public async Task A_stream_that_breaks_off_leaves_its_whole_sentences()
    {
        await using var model = new LanguageModel { Answer = $"{Good} And then {new string('x', 60)}", Gate = new TaskCompletionSource().Task };
        await using var api = await ApiUnderTest.StartAsync(model.Settings(("Generation:Timeout", "00:00:01")));
        await api.LearnAsync(Sentence);
        var done = (await EventsAsync(api))[^1].Data;
        Assert.AreEqual("The keeper winds the clockwork at 18.30.", done.GetProperty("answer").GetString());
        AssertOutcome(done, "partial", "timed_out");
    }

    [TestMethod]
    public async Task Who_goes_away_ends_the_models_work()
    {
        await using var model = new LanguageModel { Answer = Good, Gate = new TaskCompletionSource().Task };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        await api.LearnAsync(Sentence);
        using var patience = new CancellationTokenSource();
        var asking = api.Http.PostAsJsonAsync("/api/query", new { query = Question, generate = true }, patience.Token);
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(model.Calls == 1), TimeSpan.FromSeconds(10), () => "never asked");
        await patience.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => asking);
        await model.Aborted.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [TestMethod]
    public async Task A_computed_answer_may_be_said_and_is_cited_by_its_records()
    {
        await using var model = new LanguageModel { Answer = "The average rainfall of Port Selby was 20.00 mm [1]." };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        foreach (var (month, rain) in new[] { (1, 10), (2, 20), (3, 30), (4, 20) })
        {
            foreach (var station in new[] { "Port Selby", "Lower Wend" })
            {
                await api.LearnAsync(
                    $"At {station} on 2024-{month:00}-02 the rainfall was {rain}.5 mm.",
                    new Dictionary<string, string> { ["station"] = station, ["date"] = $"2024-{month:00}-02", ["rainfall"] = $"{rain}.5", ["source"] = "weather service" });
            }
        }

        var plain = await api.QueryAsync("What was the average rainfall of Port Selby in 2024?");
        Assert.AreEqual("aggregate", plain.GetProperty("kind").GetString(), plain.ToString());
        model.Answer = model.Answer.Replace("20.00", "20.50", StringComparison.Ordinal);
        var found = await AskAsync(api, "What was the average rainfall of Port Selby in 2024?");
        AssertOutcome(found, "generated", null);
        StringAssert.Contains(found.GetProperty("answer").GetString(), "20.50");
        var known = found.GetProperty("evidence").EnumerateArray().Select(one => one.GetProperty("concept_id").GetString()).ToList();
        Assert.IsGreaterThan(0, found.GetProperty("citations").GetArrayLength());
        foreach (var citation in found.GetProperty("citations").EnumerateArray())
        {
            CollectionAssert.Contains(known, citation.GetProperty("concept_id").GetString());
        }
    }

    [TestMethod]
    public async Task Without_an_answer_the_model_is_not_asked()
    {
        await using var model = new LanguageModel { Answer = Good };
        await using var api = await ApiUnderTest.StartAsync(model.Settings());
        var found = await AskAsync(api);
        Assert.AreEqual(JsonValueKind.Null, found.GetProperty("answer").ValueKind);
        AssertOutcome(found, "not_asked", "no_answer");
        Assert.AreEqual(0, model.Calls);
        Assert.AreEqual(JsonValueKind.Null, (await api.QueryAsync(Question)).GetProperty("generation").ValueKind, "nobody asked for it");
    }

    [TestMethod]
    public async Task Without_a_model_to_ask_for_one_is_refused_and_the_setting_is_named()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var problem = await api.ProblemAsync("/api/query", ApiUnderTest.Json("""{"query":"what?","generate":true}"""), HttpStatusCode.BadRequest);
        StringAssert.Contains(problem.GetProperty("errors").GetProperty("generate")[0].GetString(), "Generation:Endpoint");
        StringAssert.Contains(Assert.Throws<Exception>(() => ApiUnderTest.StartAsync(("Generation:Endpoint", "ftp://x"), ("Generation:Model", "m")).GetAwaiter().GetResult()).ToString(), "Generation:Endpoint must be");
    }

    [TestMethod]
    public async Task A_call_is_a_span_and_measurements_by_the_conventions_without_text()
    {
        await using var model = new LanguageModel { Answer = Good };
        await using var api = await ApiUnderTest.StartAsync(("Generation:Endpoint", model.Address), ("Generation:Model", "span-model"));
        using var counts = new Counts(api);
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Sutra.Api",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await api.LearnAsync(Sentence);
        await AskAsync(api);
        var span = spans.Single(one => one.DisplayName == "chat span-model");
        Assert.AreEqual(ActivityKind.Client, span.Kind);
        Assert.AreEqual("chat", span.GetTagItem("gen_ai.operation.name"));
        Assert.AreEqual("127.0.0.1", span.GetTagItem("server.address"));
        Assert.AreEqual(120L, span.GetTagItem("gen_ai.usage.input_tokens"));
        Assert.AreEqual(9L, span.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.IsFalse(span.TagObjects.Any(tag => tag.Value is string text && text.Contains("clockwork", StringComparison.Ordinal)));
        Assert.AreEqual(129, counts.Of("gen_ai.client.token.usage"));
        Assert.AreEqual(1, counts.Of("query_generation", ("outcome", "generated"), ("code", "none")));
        Assert.AreEqual(1, counts.Of("query_generation_sentences", ("verdict", "supported")));
    }

    internal static async Task<JsonElement> AskAsync(ApiUnderTest api, string question = Question)
    {
        using var response = await api.Http.PostAsJsonAsync("/api/query", new { query = question, generate = true });
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }

    internal static void AssertOutcome(JsonElement found, string outcome, string? code)
    {
        var generation = found.GetProperty("generation");
        Assert.AreEqual(outcome, generation.GetProperty("outcome").GetString(), found.ToString());
        Assert.AreEqual(code, generation.GetProperty("code").GetString(), found.ToString());
        Assert.AreEqual(code is null, generation.GetProperty("reason").GetString() is null);
    }

    private static async Task<List<(string Name, JsonElement Data)>> EventsAsync(ApiUnderTest api)
    {
        using var response = await api.Http.PostAsJsonAsync("/api/query", new { query = Question, generate = true, stream = true });
        return [.. (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('\n'))
            .Select(lines => (lines[0]["event: ".Length..], JsonDocument.Parse(lines[1]["data: ".Length..]).RootElement))];
    }

    private static async Task<(string Name, JsonElement Data)> NextAsync(StreamReader reader)
    {
        var name = (await reader.ReadLineAsync())!["event: ".Length..];
        var data = JsonDocument.Parse((await reader.ReadLineAsync())!["data: ".Length..]).RootElement;
        Assert.AreEqual("", await reader.ReadLineAsync());
        return (name, data);
    }

    private static string Part(string text, JsonElement citation, string start, string end) => text[citation.GetProperty(start).GetInt32()..citation.GetProperty(end).GetInt32()];

    /// <summary>What one API's meters counted.</summary>
    private sealed class Counts : IDisposable
    {
        private readonly ConcurrentQueue<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> _seen = new();
        private readonly MeterListener _listener = new();

        public Counts(ApiUnderTest api)
        {
            var meters = api.Services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _seen.Enqueue((instrument.Name, value, tags.ToArray())));
            _listener.Start();
        }

        public double Of(string name, params (string Name, string Value)[] tags) =>
            _seen.Where(one => one.Name == name && tags.All(tag => one.Tags.Any(seen => seen.Key == tag.Name && Equals(seen.Value, tag.Value)))).Sum(one => one.Value);

        public void Dispose() => _listener.Dispose();
    }
}
