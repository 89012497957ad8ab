using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sutra.Tests.Api.Querying;

/// <summary>Questions of metadata, over records that have nothing to do with the examples.</summary>
[TestClass]
public sealed class AskTests
{
    private static readonly (string Station, string Code, double[] Means)[] s_stations =
    [
        ("Mount Harrow", "MTHW", [-4.5, -3.0, 0.5, 4.0, 9.5, 12.0]),
        ("Port Selby", "PSLB", [8.0, 8.5, 10.5, 13.0, 16.5, 19.0]),
        ("Lower Wend", "LWND", [3.5, 4.0, 7.5, 11.0, 15.0, 18.5]),
    ];

    [TestMethod]
    [DataRow("What was the rainfall at Port Selby on 2 March 2024?", "lookup", "12")]
    [DataRow("how warm was it at mount harrow on 2024-02-02, by the mean temperature", "lookup", "-3")]
    [DataRow("What was the highest mean temperature of PSLB in 2024?", "extreme", "19")]
    [DataRow("On which day was the rainfall of Lower Wend greatest in 2024?", "extreme", "2024-06-02")]
    [DataRow("Which station had the lowest mean temperature on 2024-01-02?", "which", "Mount Harrow")]
    [DataRow("Was the mean temperature of Port Selby higher than that of Lower Wend on 2024-05-02?", "comparison", "Yes")]
    [DataRow("How did the mean temperature of Mount Harrow change between January and June 2024?", "trend", "rose")]
    [DataRow("What is the code of Lower Wend?", "lookup", "LWND")]
    [DataRow("How many drops of Port Selby rainfall were there on 2 March 2024?", "lookup", "12")]
    [DataRow("How much rainfall did Port Selby get on 2 March 2024?", "lookup", "12")]
    public async Task Questions_of_metadata_are_computed(string question, string kind, string expected)
    {
        await using var api = await StationsAsync();
        var found = await api.QueryAsync(question);
        Assert.AreEqual(kind, found.GetProperty("kind").GetString(), found.ToString());
        var answer = found.GetProperty("answer").GetString();
        Assert.IsNotNull(answer, found.ToString());
        StringAssert.Contains(answer, expected);
        Assert.IsGreaterThanOrEqualTo(0.5, found.GetProperty("confidence").GetDouble());
        CheckCitations(found);
    }

    [TestMethod]
    [DataRow("What was the rainfall at Port Selby on 2 March 2031?", "2031-03-02")]
    [DataRow("What was the rainfall at Zorblat Point on 2 March 2024?", "Zorblat Point")]
    [DataRow("What was the humidity at Port Selby on 2 March 2024?", "humidity")]
    [DataRow("How many umbrellas did Port Selby see in the rainfall on 2 March 2024?", "umbrellas")]
    [DataRow("Which umbrellas did Port Selby have in the rainfall on 2 March 2024?", "umbrellas")]
    [DataRow("What was the mean bill of Port Selby for its temperature on 2 March 2024?", "bill")]
    [DataRow("What was the total of pamphlets about rainfall at Port Selby on 2 March 2024?", "pamphlets")]
    [DataRow("What was the rainfall on 2 March 2024?", "station")]
    public async Task What_is_not_known_is_not_answered_and_why_is_said(string question, string reason)
    {
        await using var api = await StationsAsync();
        var found = await api.QueryAsync(question);
        Assert.AreEqual(JsonValueKind.Null, found.GetProperty("answer").ValueKind, found.ToString());
        StringAssert.Contains(found.GetProperty("no_answer_reason").GetString(), reason);
        Assert.IsLessThan(0.5, found.GetProperty("confidence").GetDouble());
    }

    [TestMethod]
    public async Task A_value_learned_a_moment_ago_is_asked_by_its_name()
    {
        await using var api = await StationsAsync();
        await api.QueryAsync("What was the rainfall at Port Selby on 2 March 2024?");
        await LearnAsync(api, "Quarry Lake", "QRLK", 3, 7.25, 31);
        await ApiUnderTest.WaitUntilAsync(
            async () => (await api.QueryAsync("What was the rainfall at Quarry Lake on 2 March 2024?")).GetProperty("kind").GetString() == "lookup",
            TimeSpan.FromSeconds(10),
            () => "the new name was not noticed");
    }

    [TestMethod]
    public async Task What_is_asked_without_a_time_is_asked_of_the_last_records()
    {
        await using var api = await StationsAsync();
        await LearnAsync(api, "Quarry Lake", "QRLK", 1, 7.25, 31);
        await CheckAsync("What is the mean temperature of Port Selby?", "19", records: 2);
        await CheckAsync("What is the mean temperature of Quarry Lake?", "7.25", records: 1);

        async Task CheckAsync(string query, string expected, int records)
        {
            using var response = await api.Http.PostAsJsonAsync("/api/query", new { query, explain = true });
            var found = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            StringAssert.Contains(found.GetProperty("answer").GetString(), expected);
            var plan = found.GetProperty("explanation").GetProperty("stages").EnumerateArray().Single(stage => stage.GetProperty("name").GetString() == "plan_lookup");
            Assert.AreEqual(records, plan.GetProperty("found").GetInt32(), "of the last 31 days, or of all when those have none");
        }
    }

    [TestMethod]
    public async Task Retrieval_alone_can_be_asked_for_and_cites_its_sentences()
    {
        await using var api = await StationsAsync();
        using var response = await api.Http.PostAsJsonAsync("/api/query", new { query = "What was the rainfall at Port Selby on 2 March 2024?", mode = "retrieve" });
        var found = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.AreEqual("retrieval", found.GetProperty("kind").GetString());
        StringAssert.Contains(found.GetProperty("evidence")[0].GetProperty("content").GetString(), "Port Selby");
        CheckCitations(found);
    }

    [TestMethod]
    public async Task An_explanation_tells_plan_filter_legs_scores_and_times()
    {
        await using var api = await StationsAsync();
        var planned = await ExplainAsync("What was the rainfall at Port Selby on 2 March 2024?");
        var reading = planned.GetProperty("question");
        Assert.AreEqual("rainfall", reading.GetProperty("measures")[0].GetProperty("name").GetString());
        Assert.AreEqual("station = Port Selby", reading.GetProperty("constraints")[0].GetString());
        Assert.AreEqual("2024-03-02/2024-03-03", reading.GetProperty("times")[0].GetString());
        var plan = planned.GetProperty("stages").EnumerateArray().Single(stage => stage.GetProperty("name").GetString() == "plan_lookup");
        StringAssert.Contains(plan.GetProperty("filter").GetString(), "Port Selby");
        Assert.AreEqual(1, plan.GetProperty("found").GetInt32());

        var retrieved = await ExplainAsync("Where do ships anchor?");
        var search = retrieved.GetProperty("stages").EnumerateArray().First(stage => stage.GetProperty("name").GetString() == "search");
        Assert.IsGreaterThan(0, search.GetProperty("milliseconds").GetDouble());
        Assert.IsGreaterThan(0, search.GetProperty("candidates").GetArrayLength());
        Assert.IsTrue(search.GetProperty("candidates")[0].TryGetProperty("vector_rank", out _));
        Assert.AreEqual(JsonValueKind.Null, (await api.QueryAsync("Where do ships anchor?")).GetProperty("explanation").ValueKind);

        async Task<JsonElement> ExplainAsync(string query)
        {
            using var response = await api.Http.PostAsJsonAsync("/api/query", new { query, explain = true });
            return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("explanation");
        }
    }

    [TestMethod]
    public async Task Events_give_evidence_then_the_answer_in_parts_then_the_rest()
    {
        await using var api = await StationsAsync();
        const string Question = "How did the mean temperature of Mount Harrow change between January and June 2024?";
        var whole = await api.QueryAsync(Question);
        var events = await EventsAsync(api, new { query = Question, stream = true });
        Assert.AreEqual("evidence", events[0].Name);
        Assert.AreEqual("done", events[^1].Name);
        Assert.IsGreaterThanOrEqualTo(2, events.Count(one => one.Name == "answer"));
        Assert.AreEqual(whole.GetProperty("answer").GetString(), string.Concat(events.Where(one => one.Name == "answer").Select(one => one.Data.GetProperty("text").GetString())));
        Assert.AreEqual(whole.GetProperty("evidence").GetArrayLength(), events[0].Data.GetProperty("evidence").GetArrayLength());
        Assert.AreEqual(whole.GetProperty("confidence").GetDouble(), events[^1].Data.GetProperty("confidence").GetDouble());
    }

    [TestMethod]
    public async Task A_failure_in_the_middle_of_events_is_an_event_with_problem_details()
    {
        await using var api = await StationsAsync();
        await api.Embedder.StopAsync();
        var events = await EventsAsync(api, new { query = "Anything?", stream = true });
        Assert.AreEqual("error", events.Single().Name);
        Assert.AreEqual("embedder_unavailable", events[0].Data.GetProperty("code").GetString());
        Assert.AreEqual(503, events[0].Data.GetProperty("status").GetInt32());
    }

    private static async Task<List<(string Name, JsonElement Data)>> EventsAsync(ApiUnderTest api, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/query") { Content = JsonContent.Create(body) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var response = await api.Http.SendAsync(request);
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.AreEqual("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return [.. (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('\n'))
            .Select(lines => (lines[0]["event: ".Length..], JsonDocument.Parse(lines[1]["data: ".Length..]).RootElement))];
    }

    /// <summary>Every citation is of evidence, and says in its place what the answer says in its own.</summary>
    private static void CheckCitations(JsonElement found)
    {
        var answer = found.GetProperty("answer").GetString()!;
        var evidence = found.GetProperty("evidence").EnumerateArray().ToDictionary(one => one.GetProperty("concept_id").GetString()!, one => one.GetProperty("content").GetString()!);
        Assert.IsGreaterThan(0, found.GetProperty("citations").GetArrayLength());
        foreach (var citation in found.GetProperty("citations").EnumerateArray())
        {
            Assert.IsTrue(evidence.TryGetValue(citation.GetProperty("concept_id").GetString()!, out var content), "of the evidence");
            Assert.AreEqual("weather service", citation.GetProperty("source").GetString());
            var said = answer[citation.GetProperty("answer_start").GetInt32()..citation.GetProperty("answer_end").GetInt32()];
            if (citation.GetProperty("start").ValueKind == JsonValueKind.Number)
            {
                var proof = content[citation.GetProperty("start").GetInt32()..citation.GetProperty("end").GetInt32()];
                StringAssert.StartsWith(said.Replace("-", "", StringComparison.Ordinal), proof.Replace("-", "", StringComparison.Ordinal));
            }
        }
    }

    private static async Task<ApiUnderTest> StationsAsync()
    {
        var api = await ApiUnderTest.StartAsync();
        foreach (var (station, code, means) in s_stations)
        {
            for (var month = 1; month <= means.Length; month++)
            {
                await LearnAsync(api, station, code, month, means[month - 1], (4 * month) + (station.Length % 5));
            }
        }

        return api;
    }

    private static Task<string> LearnAsync(ApiUnderTest api, string station, string code, int month, double mean, int rain)
    {
        var date = $"2024-{month:D2}-02";
        var degrees = mean.ToString("0.0#", System.Globalization.CultureInfo.InvariantCulture);
        return api.LearnAsync(
            $"At {station} ({code}) the mean temperature on {date} was {degrees} degrees. Rainfall of {rain} mm was measured there that day.",
            new { source = "weather service", station, code, date, temperature_mean = degrees, rainfall = rain.ToString(System.Globalization.CultureInfo.InvariantCulture) });
    }
}
