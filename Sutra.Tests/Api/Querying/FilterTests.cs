using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sutra.Api.Querying;

namespace Sutra.Tests.Api.Querying;

[TestClass]
public sealed class FilterTests
{
    [TestMethod]
    [DataRow("""[]""", "filter")]
    [DataRow("""{}""", "filter")]
    [DataRow("""{"equal":{"field":"a","value":"b"},"exists":"c"}""", "filter")]
    [DataRow("""{"like":{"field":"a","value":"b"}}""", "filter")]
    [DataRow("""{"and":[]}""", "filter.and")]
    [DataRow("""{"and":[{"exists":"a"},{"or":5}]}""", "filter.and[1].or")]
    [DataRow("""{"not":{"equal":{"field":"a"}}}""", "filter.not.equal.value")]
    [DataRow("""{"equal":{"field":"a","value":5}}""", "filter.equal.value")]
    [DataRow("""{"equal":{"field":"","value":"b"}}""", "filter.equal.field")]
    [DataRow("""{"equal":{"field":"$secret","value":"b"}}""", "filter.equal.field")]
    [DataRow("""{"equal":{"field":"a","value":"b","more":1}}""", "filter.equal")]
    [DataRow("""{"prefix":{"field":"a","value":""}}""", "filter.prefix.value")]
    [DataRow("""{"in":{"field":"a","values":[]}}""", "filter.in.values")]
    [DataRow("""{"range":{"field":"a"}}""", "filter.range")]
    [DataRow("""{"range":{"field":"a","gt":"1","gte":"2"}}""", "filter.range")]
    [DataRow("""{"range":{"field":"a","gt":"1","lt":"2024-01-01"}}""", "filter.range")]
    [DataRow("""{"range":{"field":"a","gt":"soon"}}""", "filter.range.gt")]
    [DataRow("""{"range":{"field":"$id","gt":"1"}}""", "filter.range.field")]
    [DataRow("""{"range":{"field":"$learned_at","gt":"1"}}""", "filter.range.gt")]
    [DataRow("""{"exists":7}""", "filter.exists")]
    public async Task What_is_wrong_with_a_filter_is_told_by_its_place(string filter, string place)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var problem = await api.ProblemAsync("/api/query", ApiUnderTest.Json($$"""{"query":"what?","filter":{{filter}}}"""), HttpStatusCode.BadRequest);
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(place, out _), problem.ToString());
    }

    [TestMethod]
    public async Task Members_of_a_question_are_checked()
    {
        await using var api = await ApiUnderTest.StartAsync();
        foreach (var (body, field) in new[] { ("""{"query":"a","mode":"magic"}""", "mode"), ("""{"query":"a","collection":"Not A Name"}""", "collection"), ("""{"query":"a","explain":"yes"}""", "explain") })
        {
            var problem = await api.ProblemAsync("/api/query", ApiUnderTest.Json(body), HttpStatusCode.BadRequest);
            Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        }
    }

    [TestMethod]
    [DataRow("""{"equal":{"field":"a","value":"b"}}""")]
    [DataRow("""{"and":[{"exists":"a"},{"not":{"in":{"field":"b","values":["x","y"]}}},{"or":[{"prefix":{"field":"c","value":"z"}},{"range":{"field":"d","gte":"2024-01-01","lt":"2024-02-01"}}]}]}""")]
    [DataRow("""{"range":{"field":"d","gt":"1.5","lte":"20"}}""")]
    public void A_filter_is_written_as_it_was_read(string filter) =>
        Assert.AreEqual(filter, FilterWriter.Write(FilterReader.Read(JsonDocument.Parse(filter).RootElement)));

    [TestMethod]
    public async Task Only_what_passes_is_found()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.LearnAsync("The harbour master counts the boats at noon.", new { part = "sea", year = "2023" });
        var inland = await api.LearnAsync("The station master counts the trains at noon.", new { part = "land", year = "2024" });
        foreach (var filter in new object[]
        {
            new { equal = new { field = "part", value = "land" } },
            new { not = new { equal = new { field = "part", value = "sea" } } },
            new { range = new { field = "year", gt = 2023 } },
        })
        {
            using var response = await api.Http.PostAsJsonAsync("/api/query", new { query = "Who counts the boats at noon?", filter });
            var found = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            Assert.AreEqual(inland, found.GetProperty("evidence").EnumerateArray().Single().GetProperty("concept_id").GetString());
        }
    }
}
