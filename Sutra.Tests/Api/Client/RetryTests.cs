extern alias client;

using System.Net;
using System.Net.Http.Headers;
using client::Sutra.Client;
using client::Sutra.Contracts.Api;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Sutra.Tests.Api.Client;

/// <summary>What the client makes of servers that fail.</summary>
[TestClass]
public sealed class RetryTests
{
    private const string None = """{"collections":[]}""";

    [TestMethod]
    public async Task What_is_refused_for_now_is_tried_again_after_as_long_as_it_was_asked_to_wait()
    {
        // Its own pause would be none.
        var server = new Server(attempt => attempt == 0 ? Away(TimeSpan.FromSeconds(1)) : Ok(None));
        using var sutra = New(server);
        var started = TimeProvider.System.GetTimestamp();
        Assert.IsEmpty(await sutra.ListCollectionsAsync());
        Assert.IsGreaterThan(TimeSpan.FromSeconds(0.9), TimeProvider.System.GetElapsedTime(started));
        Assert.HasCount(2, server.Requests);
    }

    [TestMethod]
    public async Task What_did_not_reach_the_server_is_tried_again()
    {
        var server = new Server(attempt => attempt < 3 ? throw new HttpRequestException("refused") : Ok(None));
        using var sutra = New(server);
        await sutra.ListCollectionsAsync();
        Assert.HasCount(4, server.Requests);
    }

    [TestMethod]
    public async Task Learning_is_tried_again_with_the_same_body_under_the_same_key_and_waits_for_its_own_first_try()
    {
        var server = new Server(attempt => attempt switch
        {
            0 => throw new HttpRequestException("The connection was cut."),
            1 => new HttpResponseMessage(HttpStatusCode.Conflict) { Content = new StringContent("""{"code":"idempotency_key_in_use"}""") },
            _ => Ok("""{"concept_id":"0123456789abcdef","created":true}"""),
        });
        using var sutra = New(server);
        Assert.IsTrue((await sutra.LearnAsync("once")).Created);
        Assert.HasCount(3, server.Requests);
        Assert.HasCount(1, server.Requests.Select(request => (request.Key, request.Body)).Distinct());
        Assert.AreEqual(32, server.Requests[0].Key!.Length);
        await sutra.LearnAsync("once more");
        Assert.AreNotEqual(server.Requests[0].Key, server.Requests[3].Key);
        await sutra.LearnAsync(new LearnRequest("mine"), "my key");
        Assert.AreEqual("my key", server.Requests[4].Key);
    }

    [TestMethod]
    public async Task A_list_is_sent_again_and_what_comes_only_once_is_not()
    {
        var server = new Server(attempt => attempt is 0 or 2 ? Away(TimeSpan.Zero) : Ok("""{"index":0,"concept_id":"0123456789abcdef","created":true}"""));
        using var sutra = New(server);
        LearnBatchItem[] items = [new("one"), new("two")];
        await foreach (var result in sutra.LearnManyAsync(items))
        {
            Assert.IsTrue(result.Created);
        }

        Assert.HasCount(2, server.Requests);
        Assert.AreEqual(server.Requests[0], server.Requests[1]);
        Assert.HasCount(2, server.Requests[0].Body.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await Assert.ThrowsExactlyAsync<SutraException>(async () =>
        {
            await foreach (var _ in sutra.LearnManyAsync(items.ToAsyncEnumerable()))
            {
            }
        });
        Assert.HasCount(3, server.Requests);
    }

    [TestMethod]
    public async Task A_pause_that_is_too_long_a_mistake_and_what_must_not_happen_twice_are_not_tried_again()
    {
        var late = new Server(_ => Away(TimeSpan.FromMinutes(10)));
        using var patient = New(late);
        var away = await Assert.ThrowsExactlyAsync<SutraException>(() => patient.ListCollectionsAsync());
        Assert.AreEqual((1, true, (TimeSpan?)TimeSpan.FromMinutes(10)), (late.Requests.Count, away.IsTransient, away.RetryAfter));

        var server = new Server(_ => Away(TimeSpan.Zero));
        using var sutra = New(server);
        await Assert.ThrowsExactlyAsync<SutraException>(() => sutra.CreateCollectionAsync(new CreateCollectionRequest("notes")));
        Assert.HasCount(1, server.Requests);
        await Assert.ThrowsExactlyAsync<SutraException>(() => sutra.ListCollectionsAsync());
        Assert.HasCount(1 + 1 + 4, server.Requests, "four retries, and no more");

        var mistaken = new Server(_ => new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("<html>") });
        using var third = New(mistaken);
        var problem = await Assert.ThrowsExactlyAsync<SutraException>(() => third.ListCollectionsAsync());
        Assert.AreEqual(("http_404", 1), (problem.Code, mistaken.Requests.Count), "what is no problem document is told all the same");
    }

    [TestMethod]
    public async Task A_call_ends_when_it_takes_too_long_and_when_it_is_cancelled()
    {
        var server = new Server(_ => Away(TimeSpan.FromSeconds(20)));
        using var hasty = new SutraClient(Options(timeout: TimeSpan.FromMilliseconds(50)), server, TimeProvider.System);
        await Assert.ThrowsExactlyAsync<TimeoutException>(() => hasty.ListCollectionsAsync());
        using var sutra = New(server);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAsync<OperationCanceledException>(() => sutra.ListCollectionsAsync(cancelled.Token));
    }

    [TestMethod]
    public async Task A_job_is_followed_over_a_connection_that_breaks()
    {
        const string Job = """{"id":"j","state":"running","format":"ndjson","learned":1}""";
        var server = new Server(attempt => attempt switch
        {
            0 => Ok($"id: 7\nevent: progress\ndata: {Job}\n\n"),
            1 => Ok(""),
            _ => Ok($"id: 9\nevent: end\ndata: {Job.Replace("running", "completed", StringComparison.Ordinal)}\n\n"),
        });
        using var sutra = New(server);
        var states = new List<string>();
        await foreach (var job in sutra.FollowJobAsync("j"))
        {
            states.Add(job.State);
        }

        CollectionAssert.AreEqual(new[] { "running", "completed" }, states);
        CollectionAssert.AreEqual(new[] { null, "7", "7" }, server.Requests.Select(request => request.LastEventId).ToList());
    }

    [TestMethod]
    public async Task An_import_or_an_answer_that_was_cut_off_is_not_taken_for_a_whole_one()
    {
        using var sutra = New(new Server(_ => Ok("")));
        await Assert.ThrowsExactlyAsync<HttpRequestException>(async () =>
        {
            await foreach (var _ in sutra.ImportAsync("notes", AsyncEnumerable.Empty<ConceptLine>()))
            {
            }
        });
        await Assert.ThrowsExactlyAsync<HttpRequestException>(async () =>
        {
            await foreach (var _ in sutra.QueryStreamAsync(new QueryRequest("what?")))
            {
            }
        });
    }

    [TestMethod]
    public async Task Its_models_are_embedding_generators_and_it_is_registered_with_them()
    {
        var vector = Convert.ToBase64String([0, 0, 128, 63, 0, 0, 0, 64]);
        var other = Convert.ToBase64String([0, 0, 0, 64, 0, 0, 128, 63]);
        var server = new Server(attempt => attempt == 0
            ? Away(TimeSpan.Zero)
            : Ok($$$"""{"model":"m@1","data":[{"index":1,"embedding":"{{{other}}}"},{"index":0,"embedding":"{{{vector}}}"}],"usage":{"prompt_tokens":5}}"""));
        var services = new ServiceCollection();
        services.AddSutraClient(options => (options.BaseAddress, options.ApiKey, options.RetryDelay) = (new Uri("http://sutra/below"), "key", TimeSpan.Zero))
            .ConfigurePrimaryHttpMessageHandler(() => server);
        await using var provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        var embeddings = await generator.GenerateAsync(["one", "two"], new EmbeddingGenerationOptions { Dimensions = 2 });
        CollectionAssert.AreEqual(new[] { 1f, 2f }, embeddings[0].Vector.ToArray());
        CollectionAssert.AreEqual(new[] { 2f, 1f }, embeddings[1].Vector.ToArray());
        Assert.AreEqual(("m@1", (long?)5), (embeddings[0].ModelId, embeddings.Usage!.InputTokenCount));
        Assert.HasCount(2, server.Requests);
        Assert.AreEqual(("POST /below/v1/embeddings", "Bearer key"), (server.Requests[1].What, server.Requests[1].Authorization));
        Assert.AreEqual("""{"model":"auto","input":["one","two"],"dimensions":2,"encoding_format":"base64"}""", server.Requests[1].Body);
        Assert.AreSame(provider.GetRequiredService<SutraClient>(), generator.GetService(typeof(SutraClient)));
        Assert.AreEqual("sutra", ((EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!).ProviderName);
    }

    [TestMethod]
    public void Options_that_are_wrong_are_refused_by_name()
    {
        foreach (var (options, name) in new[]
        {
            (new SutraClientOptions(), "BaseAddress"), (new SutraClientOptions { BaseAddress = new Uri("ftp://sutra") }, "BaseAddress"),
            (new SutraClientOptions { BaseAddress = new Uri("http://sutra"), MaxRetries = 21 }, "MaxRetries"),
        })
        {
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => new SutraClient(options)).Message, name);
        }
    }

    internal static HttpResponseMessage Ok(string body) => new(HttpStatusCode.OK) { Content = new StringContent(body) };

    private static SutraClient New(Server server) => new(Options(TimeSpan.FromSeconds(60)), server, TimeProvider.System);

    private static SutraClientOptions Options(TimeSpan timeout) =>
        new() { BaseAddress = new Uri("http://sutra"), ApiKey = "key", RetryDelay = TimeSpan.Zero, Timeout = timeout };

    private static HttpResponseMessage Away(TimeSpan after) => new(HttpStatusCode.ServiceUnavailable)
    {
        Content = new StringContent("""{"code":"storage_unavailable","detail":"away"}"""),
        Headers = { RetryAfter = new RetryConditionHeaderValue(after) },
    };
}
