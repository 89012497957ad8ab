using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sutra.Contracts.Identity;
using Sutra.Tests.Embedder.Support;

namespace Sutra.Tests.Embedder.Native;

[TestClass]
[TestCategory("Slow")]
public sealed class NativeEndpointTests
{
    private static DoorsUnderTest s_doors = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => s_doors = await DoorsUnderTest.StartAsync(("Embedder__MaxTokenizeLength", "1000"));

    [ClassCleanup]
    public static async Task StopAsync() => await s_doors.DisposeAsync();

    [TestMethod]
    public async Task Embed_answers_a_bare_list_of_the_vectors_that_OpenAIs_route_gives()
    {
        var vectors = (await s_doors.Http.CallAsync("/embed", """{"inputs": ["the cat", "the dog"]}""")).AsArray();
        var openAi = await s_doors.Http.CallAsync("/v1/embeddings", """{"model": "tiny-bert", "input": ["the cat", "the dog"]}""");
        Assert.HasCount(2, vectors);
        CollectionAssert.AreEqual(openAi["data"]![1]!["embedding"]!.Floats(), vectors[1]!.Floats());
        var one = (await s_doors.Http.CallAsync("/embed", """{"inputs": "the dog", "model": "tiny-bert"}""")).AsArray();
        CollectionAssert.AreEqual(vectors[1]!.Floats(), one.Single()!.Floats());
        var ids = (await s_doors.Http.CallAsync("/embed", $$"""{"inputs": [[{{TestModel.IdOf("the")}}, {{TestModel.IdOf("dog")}}]]}""")).AsArray();
        CollectionAssert.AreEqual(vectors[1]!.Floats(), ids.Single()!.Floats());
    }

    [TestMethod]
    public async Task Vectors_that_are_not_to_be_normalised_point_the_same_way()
    {
        var unit = (await s_doors.Http.CallAsync("/embed", """{"inputs": "the cat sat"}"""))[0]!.Floats();
        var raw = (await s_doors.Http.CallAsync("/embed", """{"inputs": "the cat sat", "normalize": false}"""))[0]!.Floats();
        var length = Math.Sqrt(raw.Sum(x => (double)x * x));
        Assert.AreEqual(1, unit.Sum(x => (double)x * x), 1e-5);
        Assert.AreNotEqual(1, length, 1e-3);
        for (var i = 0; i < unit.Length; i++)
        {
            Assert.AreEqual(unit[i], raw[i] / length, 1e-5);
        }
    }

    [TestMethod]
    public async Task Prompts_dimensions_and_the_side_that_is_cut_are_honoured()
    {
        var prompted = (await s_doors.Http.CallAsync("/embed", """{"inputs": "the cat", "prompt_name": "query"}"""))[0]!.Floats();
        CollectionAssert.AreEqual((await s_doors.Http.CallAsync("/embed", """{"inputs": "hello the cat"}"""))[0]!.Floats(), prompted);
        CollectionAssert.AreEqual(prompted, (await s_doors.Http.CallAsync("/embed", """{"inputs": "the cat", "input_type": "query"}"""))[0]!.Floats());

        var cut = (await s_doors.Http.CallAsync("/embed", """{"inputs": "the cat", "dimensions": 8}"""))[0]!.Floats();
        Assert.HasCount(8, cut);
        Assert.AreEqual(1, cut.Sum(x => (double)x * x), 1e-5);

        var text = "dog " + string.Join(' ', Enumerable.Repeat("cat", 100)) + " mat";
        var right = (await s_doors.Http.CallAsync("/embed", $$"""{"inputs": "{{text}}"}"""))[0]!.Floats();
        var left = (await s_doors.Http.CallAsync("/embed", $$"""{"inputs": "{{text}}", "truncation_direction": "Left"}"""))[0]!.Floats();
        var end = string.Join(' ', Enumerable.Repeat("cat", 61)) + " mat";
        CollectionAssert.AreEqual((await s_doors.Http.CallAsync("/embed", $$"""{"inputs": "{{end}}"}"""))[0]!.Floats(), left);
        CollectionAssert.AreNotEqual(right, left);

        using var whole = await s_doors.Http.PostBodyAsync("/embed", $$"""{"inputs": ["cat", "{{text}}"], "truncate": false}""");
        var error = await whole.ErrorAsync(HttpStatusCode.BadRequest);
        Assert.AreEqual("inputs", error.Parameter);
        StringAssert.StartsWith(error.Message, "inputs[1] is longer");
    }

    [TestMethod]
    public async Task Embed_all_gives_a_vector_of_each_token()
    {
        var texts = (await s_doors.Http.CallAsync("/embed_all", """{"inputs": ["the cat", "the dog runs"]}""")).AsArray();
        CollectionAssert.AreEqual(new[] { 4, 5 }, texts.Select(text => text!.AsArray().Count).ToArray());
        Assert.IsTrue(texts.SelectMany(text => text!.AsArray()).All(row => row!.AsArray().Count == TestModel.Hidden));

        // Pooled by the mean, they are the text's vector.
        var mean = Enumerable.Range(0, TestModel.Hidden).Select(d => texts[0]!.AsArray().Average(row => (double)row![d]!)).ToArray();
        var raw = (await s_doors.Http.CallAsync("/embed", """{"inputs": "the cat", "normalize": false}"""))[0]!.Floats();
        for (var i = 0; i < raw.Length; i++)
        {
            Assert.AreEqual(raw[i], mean[i], 1e-4);
        }
    }

    [TestMethod]
    public async Task Tokenize_tells_places_in_code_points_and_decode_goes_back()
    {
        var tokens = (await s_doors.Http.CallAsync("/tokenize", """{"inputs": "😀 the 你好"}"""))[0]!.AsArray();
        Assert.AreEqual("[CLS]", (string)tokens[0]!["text"]!);
        Assert.IsTrue((bool)tokens[0]!["special"]!);
        Assert.IsNull(tokens[0]!["start"]);
        Assert.AreEqual("😀", (string)tokens[1]!["text"]!);
        // The emoji is one code point, though two UTF-16 units and four bytes.
        CollectionAssert.AreEqual(new[] { (0, 1), (2, 5), (6, 7), (7, 8) }, tokens.Skip(1).Take(4).Select(t => ((int)t!["start"]!, (int)t["stop"]!)).ToArray());
        Assert.HasCount(6, tokens);
        Assert.HasCount(4, (await s_doors.Http.CallAsync("/tokenize", """{"inputs": ["😀 the 你好"], "add_special_tokens": false}"""))[0]!.AsArray());

        var ids = string.Join(',', tokens.Select(token => (int)token!["id"]!));
        Assert.AreEqual("😀 the 你 好", (string)(await s_doors.Http.CallAsync("/decode", $$"""{"ids": [{{ids}}]}"""))[0]!);
        StringAssert.StartsWith((string)(await s_doors.Http.CallAsync("/decode", $$"""{"ids": [[{{ids}}]], "skip_special_tokens": false}"""))[0]!, "[CLS]");
    }

    [TestMethod]
    [DataRow("""{"source_sentence": "the cat", "sentences": ["the cat", "the dog runs"]}""")]
    [DataRow("""{"source": "the cat", "sentences": ["the cat", "the dog runs"], "model": "tiny-bert"}""")]
    [DataRow("""{"inputs": {"source_sentence": "the cat", "sentences": ["the cat", "the dog runs"]}, "parameters": {"truncate": true}}""")]
    public async Task Similarity_is_the_cosine_with_each_sentence(string body)
    {
        var cosines = (await s_doors.Http.CallAsync("/similarity", body)).Floats();
        Assert.HasCount(2, cosines);
        Assert.AreEqual(1, cosines[0], 1e-5);
        var vectors = await s_doors.Http.CallAsync("/embed", """{"inputs": ["the cat", "the dog runs"]}""");
        Assert.AreEqual(vectors[0]!.Floats().Zip(vectors[1]!.Floats(), (x, y) => (double)x * y).Sum(), cosines[1], 1e-5);
    }

    [TestMethod]
    public async Task Info_says_what_answers_and_why()
    {
        var info = (await s_doors.Http.GetFromJsonAsync<JsonObject>("/info"))!;
        Assert.AreEqual(RichModel.Name, (string)info["model_id"]!);
        Assert.AreEqual("fp32", (string)info["model_dtype"]!);
        Assert.AreEqual("mean", (string)info["model_type"]!["embedding"]!["pooling"]!);
        CollectionAssert.AreEqual(new[] { 32, 16, 8 }, info["allowed_dimensions"]!.AsArray().Select(d => (int)d!).ToArray());
        CollectionAssert.AreEqual(new[] { "document", "query" }, info["prompts"]!.AsArray().Select(p => (string)p!).ToArray());
        Assert.AreEqual(64, (int)info["max_input_length"]!);
        Assert.AreEqual("cpu", (string)info["hardware"]!["provider"]!);
        Assert.IsTrue((int)info["hardware"]!["alive_workers"]! > 0);
        Assert.AreEqual(0, (int)info["queue"]!["waiting"]!);
        Assert.IsFalse(string.IsNullOrEmpty((string)info["selection"]!));
        Assert.IsTrue((bool)info["models"]![0]!["loaded"]!);

        using var unknown = await s_doors.Http.GetAsync("/info?model=nobody");
        Assert.AreEqual("model", (await unknown.ErrorAsync(HttpStatusCode.NotFound)).Parameter);
    }

    [TestMethod]
    [DataRow("/embed", """{"inputs": [[100257]]}""", "inputs", "inputs[0][0]", DisplayName = "foreign ids")]
    [DataRow("/embed", """{"inputs": "x", "dimensions": 7}""", "dimensions", "32, 16, 8", DisplayName = "dimensions")]
    [DataRow("/embed", """{"inputs": "x", "prompt_name": "nobody"}""", "prompt_name", "document, query", DisplayName = "prompt")]
    [DataRow("/embed", """{"input": "x"}""", "inputs", "missing", DisplayName = "no inputs")]
    [DataRow("/embed_all", """{"inputs": "x", "dimensions": 8}""", "dimensions", "whole", DisplayName = "tokens' vectors cut")]
    [DataRow("/tokenize", """{"inputs": [5]}""", "inputs", "list of texts", DisplayName = "ids to tokenize")]
    [DataRow("/decode", """{"ids": "x"}""", "ids", "ids must be", DisplayName = "text to decode")]
    [DataRow("/decode", """{"ids": [[-1]]}""", "ids", "ids[0][0]", DisplayName = "a negative id")]
    [DataRow("/similarity", """{"source_sentence": "x"}""", "sentences", "missing", DisplayName = "nothing to compare with")]
    [DataRow("/similarity", """{"sentences": ["x"]}""", "source_sentence", "missing", DisplayName = "nothing to compare")]
    public async Task What_is_wrong_is_told_as_problem_details(string route, string body, string parameter, string says)
    {
        using var response = await s_doors.Http.PostBodyAsync(route, body);
        var error = await response.ErrorAsync(HttpStatusCode.BadRequest);
        Assert.AreEqual(parameter, error.Parameter);
        StringAssert.Contains(error.Message, says);
    }

    [TestMethod]
    public async Task More_text_than_may_be_tokenized_is_a_413()
    {
        using var response = await s_doors.Http.PostBodyAsync("/tokenize", $$"""{"inputs": "{{new string('x', 1001)}}"}""");
        Assert.AreEqual("inputs", (await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge)).Parameter);
    }

    [TestMethod]
    [DataRow("/embed")]
    [DataRow("/embed_all")]
    [DataRow("/tokenize")]
    [DataRow("/decode")]
    [DataRow("/similarity")]
    [DataRow("/embeddings/batch")]
    [DataRow("/embeddings/stream")]
    [DataRow("/v1/embeddings/batch")]
    [DataRow("/v1/embeddings/stream")]
    public async Task Only_a_caller_who_may_read_is_served_and_only_by_POST(string route)
    {
        using var anonymous = new HttpClient { BaseAddress = s_doors.Embedder.Http };
        using (var nobody = await anonymous.PostBodyAsync(route, "{}"))
        {
            await nobody.ErrorAsync(HttpStatusCode.Unauthorized);
        }

        anonymous.DefaultRequestHeaders.Add(InternalToken.Header, EmbedderProcess.Token(Permissions.Write));
        using (var writer = await anonymous.PostBodyAsync(route, "{}"))
        {
            await writer.ErrorAsync(HttpStatusCode.Forbidden);
        }

        using var get = await s_doors.Http.GetAsync(route);
        await get.ErrorAsync(HttpStatusCode.MethodNotAllowed);
        Assert.AreEqual("POST", get.Content.Headers.Allow.Single());
        using var text = await s_doors.Http.PostBodyAsync(route, "{}", "text/plain");
        Assert.AreEqual("unsupported_media_type", (await text.ErrorAsync(HttpStatusCode.UnsupportedMediaType)).Code);
    }
}
