using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sutra.Tests.Api.Collections;

[TestClass]
public sealed class FieldsTests
{
    [TestMethod]
    public async Task The_metadata_of_a_collection_is_told_with_kinds_ranges_and_values()
    {
        await using var storage = await RealStorage.StartNewAsync();
        await using var api = await ApiUnderTest.StartAsync(("services:storage:grpc:0", storage.Address));
        await api.LearnAsync("one", new Dictionary<string, string> { ["kind"] = "note", ["price"] = "1.5", ["$day"] = "2024-02-29" });
        await api.LearnAsync("two", new Dictionary<string, string> { ["kind"] = "note", ["price"] = "-2" });
        await api.LearnAsync("three", new Dictionary<string, string> { ["kind"] = "draft" });

        var answer = await api.Http.GetFromJsonAsync<JsonElement>("/api/collections/default/fields?max_values=2");
        Assert.IsFalse(answer.GetProperty("incomplete").GetBoolean());
        var fields = answer.GetProperty("fields").EnumerateArray().ToDictionary(field => field.GetProperty("name").GetString()!, StringComparer.Ordinal);
        CollectionAssert.AreEquivalent(new[] { "kind", "price", "$$day" }, fields.Keys);
        Assert.AreEqual("""["draft","note"]""", fields["kind"].GetProperty("values").GetRawText());
        Assert.AreEqual(3, fields["kind"].GetProperty("concepts").GetInt32());
        Assert.AreEqual(JsonValueKind.Null, fields["kind"].GetProperty("numbers").ValueKind);
        Assert.AreEqual("""{"concepts":2,"min":-2,"max":1.5}""", fields["price"].GetProperty("numbers").GetRawText());
        Assert.AreEqual(new DateTimeOffset(2024, 2, 29, 0, 0, 0, TimeSpan.Zero), fields["$$day"].GetProperty("times").GetProperty("min").GetDateTimeOffset());

        var fewer = await api.Http.GetFromJsonAsync<JsonElement>("/api/collections/default/fields?max_values=1");
        Assert.AreEqual(JsonValueKind.Null, fewer.GetProperty("fields").EnumerateArray().Single(field => field.GetProperty("name").GetString() == "kind").GetProperty("values").ValueKind);

        using var none = await api.Http.GetAsync("/api/collections/none/fields");
        Assert.AreEqual("collection_not_found", (await ApiUnderTest.ProblemAsync(none, HttpStatusCode.NotFound)).GetProperty("code").GetString());
        using var odd = await api.Http.GetAsync("/api/collections/default/fields?max_values=0");
        Assert.IsTrue((await ApiUnderTest.ProblemAsync(odd, HttpStatusCode.BadRequest)).GetProperty("errors").TryGetProperty("max_values", out _));
    }
}
