using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Storage;
using Sutra.Storage.Files;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Grpc;

[TestClass]
public sealed class FilterServiceTests
{
    private readonly Service _service = new();
    private readonly StorageClient _client;

    public FilterServiceTests() => _client = Client(Permissions.Read, Permissions.Write);

    [TestCleanup]
    public void CleanUp()
    {
        _client.Dispose();
        _service.Dispose();
    }

    [TestMethod]
    public async Task Every_test_of_a_filter_means_what_it_says()
    {
        var ids = new Dictionary<string, string>();
        foreach (var (content, topic, year) in new[] { ("The lake is deep.", "water", "1999"), ("The river is long.", "water", "2024"), ("The mountain is high.", "rock", "2025-01-01") })
        {
            var request = StorageClient.Request(content, 1, ids.Count, 0);
            request.Metadata.Add("topic", topic);
            request.Metadata.Add("year", year);
            ids.Add(content, (await _client.LearnAsync(request)).Id);
        }

        var water = new Filter { Equal = new FieldValue { Field = "topic", Value = "water" } };
        var rocks = new Filter { Prefix = new FieldValue { Field = "topic", Value = "ro" } };
        await ExpectAsync(water, "lake", "river");
        await ExpectAsync(rocks, "mountain");
        await ExpectAsync(new Filter { Not = water }, "mountain");
        await ExpectAsync(new Filter { In = new FieldValues { Field = "topic", Values = { "rock", "sand" } } }, "mountain");
        await ExpectAsync(new Filter { Exists = "topic" }, "lake", "river", "mountain");
        await ExpectAsync(new Filter { Or = new Filters { Filters_ = { water, rocks } } }, "lake", "river", "mountain");
        await ExpectAsync(new Filter { And = new Filters { Filters_ = { water, new Filter { Range = new FieldRange { Field = "year", Gt = "1999" } } } } }, "river");
        await ExpectAsync(new Filter { Range = new FieldRange { Field = "year", Gte = "1999", Lt = "2024" } }, "lake");
        await ExpectAsync(new Filter { Range = new FieldRange { Field = "year", Lte = "2025-01-01T01:00+01:00" } }, "mountain");
        await ExpectAsync(new Filter { Equal = new FieldValue { Field = "$id", Value = ids["The lake is deep."] } }, "lake");
        Assert.AreEqual(3, await _client.CountAsync());
    }

    [TestMethod]
    public async Task What_breaks_a_rule_is_an_invalid_argument_that_names_field_and_rule_and_no_value()
    {
        await _client.LearnAsync(StorageClient.Request("kept"));
        var deep = new Filter { Exists = "k" };
        for (var i = 0; i < 20; i++)
        {
            deep = new Filter { Not = deep };
        }

        foreach (var (detail, filter) in new[]
        {
            ("filter: must be one of", new Filter()),
            ("filter.not: must be one of", new Filter { Not = new Filter() }),
            ("filter.and: at least one", new Filter { And = new Filters() }),
            ("filter.range.gt: must be a number", new Filter { Range = new FieldRange { Field = "k", Gt = "secret" } }),
            ("filter.equal.field: ", new Filter { Equal = new FieldValue { Field = "$secret", Value = "secret" } }),
            ("filter.or[1].in.values: ", new Filter { Or = new Filters { Filters_ = { new Filter { Exists = "k" }, new Filter { In = new FieldValues { Field = "secret" } } } } }),
            ("within each other", deep),
        })
        {
            var search = Question(filter);
            await AssertStatusAsync(StatusCode.InvalidArgument, detail, () => _client.SearchAsync(search));
            search.Text = "kept";
            await AssertStatusAsync(StatusCode.InvalidArgument, detail, () => _client.SearchAsync(search));
            await AssertStatusAsync(StatusCode.InvalidArgument, detail, () => _client.ScanAsync(new ScanRequest { Filter = filter }));
            await AssertStatusAsync(StatusCode.InvalidArgument, detail, () => _client.CountAsync(filter));
        }
    }

    [TestMethod]
    public async Task Counting_needs_the_read_permission()
    {
        using var writer = Client(Permissions.Write);
        using var nobody = Client();
        await AssertStatusAsync(StatusCode.PermissionDenied, "", () => writer.CountAsync());
        await AssertStatusAsync(StatusCode.Unauthenticated, "", () => nobody.CountAsync());
    }

    private async Task ExpectAsync(Filter filter, params string[] nouns)
    {
        var expected = nouns.Order().ToList();
        List<string> Nouns(IEnumerable<Concept> concepts) => [.. concepts.Select(concept => concept.Content.Split(' ')[1]).Order()];
        var search = Question(filter);
        CollectionAssert.AreEqual(expected, Nouns((await _client.SearchAsync(search)).Hits.Select(hit => hit.Concept)), "by vector");
        search.Text = "lake river mountain";
        CollectionAssert.AreEqual(expected, Nouns((await _client.SearchAsync(search)).Hits.Select(hit => hit.Concept)), "by words and vector");
        search.Embedding.Clear();
        CollectionAssert.AreEqual(expected, Nouns((await _client.SearchAsync(search)).Hits.Select(hit => hit.Concept)), "by words");
        CollectionAssert.AreEqual(expected, Nouns(await _client.ScanAsync(new ScanRequest { Filter = filter })), "scan");
        Assert.AreEqual(nouns.Length, await _client.CountAsync(filter), "count");
    }

    private static SearchRequest Question(Filter filter) => new() { TopK = 10, Model = "model-a", Embedding = { 1, 2, 3 }, Filter = filter };

    private static async Task AssertStatusAsync(StatusCode expected, string detail, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(call);
        Assert.AreEqual(expected, error.StatusCode, error.Status.Detail);
        Assert.Contains(detail, error.Status.Detail);
        Assert.DoesNotContain("secret", error.Status.Detail);
    }

    private StorageClient Client(params string[] scopes) =>
        new(GrpcChannel.ForAddress(_service.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = _service.Server.CreateHandler() }), scopes);

    private sealed class Service : WebApplicationFactory<StorageOptions>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("Storage:DataPath", "/simulated");
            builder.UseSetting("Identity:Key", StorageClient.Key);
            builder.ConfigureTestServices(services => services.AddSingleton<IFileSystem>(new SimulatedDisk()));
        }
    }
}
