using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sutra.Tests.Api.Querying;

/// <summary>Questions about documents in sections, through the API.</summary>
[TestClass]
public sealed class SectionQueryTests
{
    private const string Manual = """
        # Kettle

        It boils water.

        ## Descaling

        Pour vinegar in. Wait an hour. Pour it out.

        ## Storing

        Pour everything out. Wait an hour. Put it away.
        """;

    [TestMethod]
    public async Task Headings_are_compared_with_the_question_and_embedded_once()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await LearnAsync(api);
        var before = api.Embedder.Service.Requests.Count;
        var found = await AskAsync(api, "descaling");
        Assert.AreEqual("Kettle > Descaling", Section(found));
        var stage = found.GetProperty("explanation").GetProperty("stages").EnumerateArray().Single(stage => stage.GetProperty("name").GetString() == "headings");
        Assert.AreEqual(3, stage.GetProperty("found").GetInt32());
        CollectionAssert.AreEquivalent(
            new[] { "Kettle", "Descaling", "Storing" },
            api.Embedder.Service.Requests.Skip(before).Where(request => request.Texts.Count > 1).SelectMany(request => request.Texts).ToArray());

        before = api.Embedder.Service.Requests.Count;
        Assert.AreEqual("Kettle > Storing", Section(await AskAsync(api, "storing")));
        CollectionAssert.AreEqual(new[] { "storing" }, api.Embedder.Service.Requests.Skip(before).SelectMany(request => request.Texts).ToArray(), "nothing but the question");
    }

    [TestMethod]
    public async Task A_heading_without_a_vector_leaves_its_text_where_words_and_meaning_put_it()
    {
        // None of the headings says anything of vinegar: to be compared with it only takes from the score.
        var compared = await ScoreAsync(refused: null);
        var refused = await ScoreAsync(refused: "Descaling");
        Assert.IsGreaterThan(compared, refused);

        static async Task<double> ScoreAsync(string? refused)
        {
            await using var api = await ApiUnderTest.StartAsync();
            await LearnAsync(api);
            api.Embedder.Service.Refuses = text => text == refused ? new() { Code = "nothing_known", Message = "nothing" } : null;
            var found = await AskAsync(api, "vinegar");
            Assert.AreEqual("Kettle > Descaling", Section(found));
            return found.GetProperty("evidence")[0].GetProperty("score").GetDouble();
        }
    }

    [TestMethod]
    public async Task Words_that_say_how_something_is_asked_are_not_looked_for()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.LearnAsync("I do not know how.");
        await AskAsync(api, "How do I store the C++ kettle from 2024-03-14?");
        StringAssert.StartsWith(api.Storage.Service.SearchTexts.Last(), "2024-03-14 ");
        CollectionAssert.AreEqual(
            new[] { "2024-03-14", "store", "C++", "kettle", "2024-03-14?" },
            api.Storage.Service.SearchTexts.Last().Split(' ', StringSplitOptions.RemoveEmptyEntries));

        await AskAsync(api, "What is it?");
        Assert.AreEqual("What is it?", api.Storage.Service.SearchTexts.Last(), "better these than nothing");
    }

    private static async Task LearnAsync(ApiUnderTest api)
    {
        using var response = await api.Http.PostAsync("/api/documents?name=kettle.md", ApiUnderTest.Json(Manual, "text/markdown"));
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> AskAsync(ApiUnderTest api, string question)
    {
        using var response = await api.Http.PostAsJsonAsync("/api/query", new { query = question, explain = true });
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    private static string? Section(JsonElement found) => found.GetProperty("evidence")[0].GetProperty("metadata").GetProperty("section").GetString();
}
