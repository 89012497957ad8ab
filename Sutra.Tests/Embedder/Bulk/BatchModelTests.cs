using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Bulk;
using Sutra.Embedder.Http;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Bulk;

[TestClass]
public sealed class BatchModelTests
{
    /// <summary>Vectors of two models in one answer would compare as nothing.</summary>
    [TestMethod]
    public async Task A_batch_is_answered_by_one_model_even_if_a_better_one_comes_meanwhile()
    {
        const string Better = "all-MiniLM-L6-v2";
        using var folders = new TemporaryFolder();
        TestModel.Write(folders.File("default"));
        TestModel.Write(folders.File(Better), layers: 2);
        var pulled = new PulledMeanwhile(new AvailableModel(Better, folders.File(Better)));
        using var embedder = new InProcessEmbedder(folders.File("default"), sources: pulled);
        var texts = Enumerable.Range(0, 700).Select(i => $"the cat {i}").ToList();
        var context = Request(JsonSerializer.Serialize(new { model = EmbeddingCall.AutoModel, input = texts }));
        using var answer = new MemoryStream();
        context.Response.Body = answer;

        await new BatchHandler(embedder.Pipeline, embedder.Selector, embedder.Engine, Options.Create(new DoorOptions())).HandleAsync(context);

        Assert.AreEqual(Better, embedder.Selector.Choose(null, ModelPreference.Balanced).Name, "what auto means now");
        var json = JsonNode.Parse(answer.ToArray())!;
        Assert.AreEqual("default", (string)json["model"]!);
        StringAssert.StartsWith(context.Response.Headers["x-model"], "default@");
        var expected = await embedder.EmbedAsync(texts);
        for (var i = 0; i < texts.Count; i += 50)
        {
            CollectionAssert.AreEqual(expected[i].Values.ToArray(), json["data"]![i]!["embedding"]!.Floats(), $"text {i}");
        }
    }

    private static DefaultHttpContext Request(string body)
    {
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection()
                .AddOptions<EmbedderOptions>().Services
                .AddOptions<DoorOptions>().Services
                .AddSingleton<BodyBudget>()
                .BuildServiceProvider(),
        };
        context.Request.Method = HttpMethods.Post;
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return context;
    }

    /// <summary>A model that is there from the second time on that somebody looks.</summary>
    private sealed class PulledMeanwhile(AvailableModel model) : IModelSource
    {
        private readonly AvailableModel[] _models = [model];
        private int _looked;

        public IReadOnlyList<AvailableModel> List() => Interlocked.Increment(ref _looked) == 1 ? [] : _models;
    }
}
