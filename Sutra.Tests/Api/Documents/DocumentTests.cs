using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Tests.Api.Documents;

[TestClass]
public sealed class DocumentTests
{
    private const string Manual = """
        ---
        draft: no
        ---
        # Kettle

        A kettle *boils* water, see [tea](https://example.org/tea).

        ## Care

        - Descale it monthly.
        - Never put it in `the dishwasher`.

        | part | lasts |
        |---|---|
        | lid | 5 years |

        <!-- secret note -->

        ## Parts

            lid --spare
        """;

    private static ApiUnderTest s_api = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => s_api = await ApiUnderTest.StartAsync(("Documents:MaxBytes", "100000"), ("Documents:MaxInflatedBytes", "200000"));

    [ClassCleanup]
    public static async Task StopAsync() => await s_api.DisposeAsync();

    [TestMethod]
    public async Task Markdown_becomes_a_concept_a_section_with_its_headings_and_its_place_in_the_source()
    {
        var document = await LearnAsync(Manual, "text/markdown", "?name=kettle.md&metadata=%7B%22lang%22%3A%22en%22%7D&owner=anna");
        var pieces = Pieces(document);
        CollectionAssert.AreEqual(
            new[]
            {
                "Kettle\n\nA kettle boils water, see tea.",
                "Kettle > Care\n\nDescale it monthly.\nNever put it in the dishwasher.\npart | lasts\nlid | 5 years",
                "Kettle > Parts\n\nlid --spare",
            },
            pieces.Select(piece => piece.Content).ToArray());
        var care = pieces[1];
        CollectionAssert.AreEquivalent(
            new[] { "source=kettle.md", $"document_id={document.GetProperty("document_id")}", "section=Kettle > Care", "chunk=2", "chunks=3", "lang=en" },
            care.Metadata.Where(pair => pair.Key is not ("offset" or "length")).Select(pair => $"{pair.Key}={pair.Value}").ToArray());
        Assert.AreEqual("anna", care.Owner);
        var source = Span(Manual, care);
        StringAssert.StartsWith(source, "Descale it monthly.");
        StringAssert.Contains(source, "5 year");
        Assert.AreEqual("lid --spare", Span(Manual, pieces[2]));
    }

    [TestMethod]
    public async Task Neighbouring_pieces_are_linked_and_a_new_version_replaces_what_has_changed()
    {
        var first = await LearnAsync("# A\n\nOne.\n\n# B\n\nTwo.\n\n# C\n\nThree.\n", "text/markdown", "?name=versions.md&document_id=versions");
        var before = Pieces(first);
        Assert.AreEqual((before[1].Id, "next"), (before[0].Associations.Single().TargetId, before[0].Associations.Single().Type));
        Assert.IsEmpty(before[2].Associations);

        var calls = s_api.Embedder.Service.Calls;
        var same = await LearnAsync("# A\n\nOne.\n\n# B\n\nTwo.\n\n# C\n\nThree.\n", "text/markdown", "?name=versions.md&document_id=versions");
        Assert.AreEqual(3, same.GetProperty("unchanged").GetInt32());
        Assert.AreEqual(calls, s_api.Embedder.Service.Calls, "what is as it was is left alone");

        var second = await LearnAsync("# A\n\nOne.\n\n# C\n\nThree, and more.\n", "text/markdown", "?name=versions.md&document_id=versions");
        var after = Pieces(second);
        Assert.AreEqual((2, 1, 2), (second.GetProperty("chunks").GetInt32(), second.GetProperty("created").GetInt32(), second.GetProperty("deleted").GetInt32()));
        Assert.AreEqual(before[0].Id, after[0].Id);
        Assert.AreEqual(after[1].Id, after[0].Associations.Single().TargetId);
        Assert.IsFalse(s_api.Storage.Service.Concepts.ContainsKey(before[1].Id));

        var described = await s_api.Http.GetFromJsonAsync<JsonElement>("/api/documents/versions");
        CollectionAssert.AreEqual(
            after.Select(piece => piece.Id).ToArray(), described.GetProperty("chunks").EnumerateArray().Select(chunk => chunk.GetProperty("concept_id").GetString()).ToArray());
        Assert.AreEqual(HttpStatusCode.NoContent, (await s_api.Http.DeleteAsync("/api/documents/versions")).StatusCode);
        Assert.IsFalse(s_api.Storage.Service.Concepts.ContainsKey(after[0].Id));
        var gone = await ApiUnderTest.ProblemAsync(await s_api.Http.DeleteAsync("/api/documents/versions"), HttpStatusCode.NotFound);
        Assert.AreEqual("document_not_found", gone.GetProperty("code").GetString());
    }

    [TestMethod]
    public async Task Long_text_is_cut_between_sentences_and_says_a_little_again()
    {
        var text = string.Concat(Enumerable.Range(1, 60).Select(i => $"Sentence {i} has exactly six words 😀. "));
        var pieces = Pieces(await LearnAsync(text, "text/plain", "?name=long.txt&chunk_tokens=40&overlap_tokens=10"));
        Assert.IsGreaterThan(8, pieces.Count);
        foreach (var piece in pieces)
        {
            StringAssert.StartsWith(piece.Content, "Sentence");
            StringAssert.EndsWith(piece.Content, "😀.");
            Assert.IsLessThanOrEqualTo(40, piece.Content.Split(' ').Length);
            Assert.AreEqual(piece.Content, Span(text, piece));
        }

        for (var i = 1; i < pieces.Count; i++)
        {
            Assert.IsLessThan(Number(pieces[i - 1], "offset") + Number(pieces[i - 1], "length"), Number(pieces[i], "offset"), "they overlap");
        }

        Assert.AreEqual(text.Trim().Length, Number(pieces[^1], "offset") + Number(pieces[^1], "length"));
    }

    [TestMethod]
    public async Task Html_is_what_a_reader_sees_of_it()
    {
        const string Source = "<html><head><title>T</title><style>secret{}</style></head><body><h1>Tea &amp; more</h1><script>secret()</script><p>Boil  <b>water</b>\n&lt;100&nbsp;°C&gt;<!--secret--><div>Pour.<h2>Cups</h2><p>Two";
        var pieces = Pieces(await LearnAsync(Source, "text/html", "?name=tea.html"));
        CollectionAssert.AreEqual(new[] { "Tea & more\n\nBoil water <100 °C>\nPour.", "Tea & more > Cups\n\nTwo" }, pieces.Select(piece => piece.Content).ToArray());
        Assert.AreEqual("Two", Span(Source, pieces[1]));
    }

    [TestMethod]
    public async Task Each_row_of_csv_and_each_item_of_json_is_a_concept()
    {
        const string Csv = "city;people\nUlm;126000\n\n\"Bad \"\"X\"\"\";\n";
        var rows = Pieces(await LearnAsync(Csv, "text/csv", "?name=cities.csv"));
        CollectionAssert.AreEqual(new[] { "city: Ulm; people: 126000.", "city: Bad \"X\"." }, rows.Select(row => row.Content).ToArray());
        Assert.AreEqual("126000", rows[0].Metadata["people"]);
        Assert.AreEqual("Ulm;126000", Span(Csv, rows[0]).Trim());

        const string Json = """[{"city":"Köln","at":{"river":"Rhine"},"tags":["old","big"]}, {"city":"Bonn","none":null}]""";
        var items = Pieces(await LearnAsync(Json, "application/json", "?name=cities.json"));
        CollectionAssert.AreEqual(
            new[] { "city: Köln; at.river: Rhine; tags: old, big.", "city: Bonn." }, items.Select(item => item.Content).ToArray());
        Assert.AreEqual("""{"city":"Bonn","none":null}""", Span(Json, items[1]));
        Assert.AreEqual("Rhine", items[0].Metadata["at.river"]);
    }

    [TestMethod]
    public async Task Docx_is_read_and_several_files_come_as_a_form()
    {
        using var form = new MultipartFormDataContent
        {
            { File(Docx("<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>Plan</w:t></w:r></w:p><w:p><w:r><w:t xml:space=\"preserve\">Buy </w:t></w:r><w:del><w:r><w:t>secret</w:t></w:r></w:del><w:r><w:t>nuts.</w:t></w:r></w:p>"), null), "a", "plan.docx" },
            { File("Just text."u8.ToArray(), "text/plain"), "b", "note.txt" },
            { File("a,b\n1,2,3\n"u8.ToArray(), null), "c", "broken.csv" },
        };
        using var response = await s_api.Http.PostAsync("/api/documents", form);
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body);
        var documents = JsonDocument.Parse(body).RootElement.GetProperty("documents");
        Assert.AreEqual("Plan\n\nBuy nuts.", Pieces(documents[0]).Single().Content);
        Assert.AreEqual("Just text.", Pieces(documents[1]).Single().Content);
        Assert.AreEqual("document_unreadable", documents[2].GetProperty("error").GetProperty("code").GetString());
    }

    [TestMethod]
    [DataRow("text/plain", "", "x", "name")]
    [DataRow("text/plain", "?name=", "x", "name")]
    [DataRow("text/plain", "?name=a&document_id=no/slash", "x", "document_id")]
    [DataRow("text/plain", "?name=a&chunk_tokens=15", "x", "chunk_tokens")]
    [DataRow("text/plain", "?name=a&chunk_tokens=many", "x", "chunk_tokens")]
    [DataRow("text/plain", "?name=a&chunk_tokens=64&overlap_tokens=32", "x", "overlap_tokens")]
    [DataRow("text/plain", "?name=a&overlap_tokens=-1", "x", "overlap_tokens")]
    [DataRow("text/plain", "?name=a&metadata=secret", "x", "metadata")]
    [DataRow("text/plain", "?name=a&metadata=[]", "x", "metadata")]
    [DataRow("text/plain", "?name=a&metadata=null", "x", "metadata")]
    [DataRow("text/plain", "?name=a&metadata={%22secret%22:1}", "x", "metadata")]
    [DataRow("text/plain", "?name=a&metadata={%22chunk%22:%22secret%22}", "x", "metadata")]
    [DataRow("text/plain", "?name=a&collection=No", "x", "collection")]
    [DataRow("text/csv", "?name=a", "a,b\n1,2,3", "body")]
    [DataRow("text/csv", "?name=a", "a,,c\n1,2,3", "body")]
    [DataRow("text/csv", "?name=a", "a,b\n1,\"secret\"x\"", "body")]
    [DataRow("application/json", "?name=a", "{\"secret\":", "body")]
    [DataRow("application/json", "?name=a", "17", "body")]
    [DataRow("application/json", "?name=a", "[1] 2", "body")]
    [DataRow("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "?name=a", "secret", "body")]
    [DataRow("multipart/form-data; boundary=b", "", "secret", "body")]
    [DataRow("multipart/form-data; boundary=b", "", "--b--", "body")]
    [DataRow("multipart/form-data", "", "secret", "Content-Type")]
    [DataRow("multipart/form-data; boundary=b", "", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nsecret\r\n--b--\r\n", "body")]
    public async Task What_is_wrong_is_named(string media, string query, string body, string field)
    {
        var problem = await ProblemAsync(media, query, Encoding.UTF8.GetBytes(body), HttpStatusCode.BadRequest);
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out var errors), problem.GetRawText());
        Assert.IsGreaterThan(0, errors[0].GetString()!.Length);
        Assert.DoesNotContain("secret", problem.GetRawText());
    }

    [TestMethod]
    [DataRow("application/pdf")]
    [DataRow("image/png")]
    [DataRow("text/plain; charset=latin1")]
    [DataRow("nonsense")]
    public async Task What_cannot_be_read_is_a_415_that_says_what_can(string media)
    {
        var problem = await ProblemAsync(media, "?name=a", "%PDF"u8.ToArray(), HttpStatusCode.UnsupportedMediaType);
        Assert.AreEqual("unsupported_media_type", problem.GetProperty("code").GetString());
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty("Content-Type", out _));
    }

    [TestMethod]
    public async Task Too_much_is_refused_be_it_large_inflating_deep_or_no_text()
    {
        const string Word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        await ProblemAsync("text/plain", "?name=a", new byte[100_001], HttpStatusCode.RequestEntityTooLarge);
        var bomb = Docx($"<w:p><w:r><w:t>{new string('x', 1_000_000)}</w:t></w:r></w:p>");
        Assert.IsLessThan(10_000, bomb.Length);
        var problem = await ProblemAsync(Word, "?name=a", bomb, HttpStatusCode.BadRequest);
        StringAssert.Contains(problem.GetRawText(), "inflates");
        await ProblemAsync("text/html", "?name=a", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<div>", 15_000))), HttpStatusCode.BadRequest);
        await ProblemAsync("text/markdown", "?name=a", Encoding.UTF8.GetBytes(new string('>', 40_000)), HttpStatusCode.BadRequest);
        await ProblemAsync("text/plain", "?name=a", [0xff, 0xfe, 0x41], HttpStatusCode.BadRequest);
    }

    private static async Task<JsonElement> ProblemAsync(string media, string query, byte[] body, HttpStatusCode status)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", media);
        return await s_api.ProblemAsync($"/api/documents{query}", content, status);
    }

    private static async Task<JsonElement> LearnAsync(string source, string media, string query)
    {
        using var response = await s_api.Http.PostAsync($"/api/documents{query}", ApiUnderTest.Json(source, media));
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("documents")[0];
    }

    private static IReadOnlyList<Concept> Pieces(JsonElement document) =>
        [.. document.GetProperty("concept_ids").EnumerateArray().Select(id => s_api.Storage.Service.Concepts[id.GetString()!])];

    private static string Span(string source, Concept piece) => source.Substring(Number(piece, "offset"), Number(piece, "length"));

    private static int Number(Concept piece, string name) => int.Parse(piece.Metadata[name], System.Globalization.CultureInfo.InvariantCulture);

    private static ByteArrayContent File(byte[] bytes, string? media)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = media is null ? null : new MediaTypeHeaderValue(media);
        return content;
    }

    private static byte[] Docx(string body)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        using (var part = new StreamWriter(archive.CreateEntry("word/document.xml").Open()))
        {
            part.Write($"<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body></w:document>");
        }

        return file.ToArray();
    }
}
