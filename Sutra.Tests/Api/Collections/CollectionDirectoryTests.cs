using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Errors;
using Sutra.Api.Identity;

namespace Sutra.Tests.Api.Collections;

[TestClass]
public sealed class CollectionDirectoryTests
{
    private static readonly Caller s_caller = new("key:alice", "");

    [TestMethod]
    public async Task A_collection_is_asked_for_once_and_anew_when_it_is_forgotten()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var directory = api.Services.GetRequiredService<CollectionDirectory>();
        api.Storage.Service.Collections.Put("notes", "model-a@1");
        Assert.AreEqual("model-a@1", (await directory.FindAsync("notes", s_caller, default)).EmbeddingModel);
        var asked = api.Storage.Service.Collections.Gets;
        await directory.FindAsync("notes", s_caller, default);
        Assert.AreEqual(asked, api.Storage.Service.Collections.Gets);
        api.Storage.Service.Collections.Put("notes", "model-b@1");
        directory.Forget();
        Assert.AreEqual("model-b@1", (await directory.FindAsync("notes", s_caller, default)).EmbeddingModel);
    }

    [TestMethod]
    public async Task No_name_means_the_default_collection_whose_model_is_the_embedder_s()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var directory = api.Services.GetRequiredService<CollectionDirectory>();
        foreach (var name in new[] { null, "", "default" })
        {
            var info = await directory.FindAsync(name, s_caller, default);
            Assert.AreEqual("default", info.Name);
            Assert.IsNull(info.EmbeddingModel);
        }
    }

    [TestMethod]
    public async Task A_name_that_nobody_has_is_a_404_problem()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var directory = api.Services.GetRequiredService<CollectionDirectory>();
        var problem = await Assert.ThrowsExactlyAsync<ApiProblem>(async () => await directory.FindAsync("none", s_caller, default));
        Assert.AreEqual(404, problem.Status);
        Assert.AreEqual(ProblemCodes.CollectionNotFound, problem.Code);
    }

    [TestMethod]
    public async Task What_was_made_for_a_model_that_the_collection_has_left_is_made_again_once()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var directory = api.Services.GetRequiredService<CollectionDirectory>();
        api.Storage.Service.Collections.Put("notes", "model-a@1");
        var models = new List<string?>();
        var result = await directory.UseAsync("notes", s_caller, collection =>
        {
            models.Add(collection.EmbeddingModel);
            api.Storage.Service.Collections.Put("notes", "model-b@1");
            return models.Count == 1 ? throw Refused("model") : Task.FromResult(7);
        }, default);
        Assert.AreEqual(7, result);
        CollectionAssert.AreEqual(new[] { "model-a@1", "model-b@1" }, models);

        await Assert.ThrowsExactlyAsync<ComponentException>(() => directory.UseAsync<int>("notes", s_caller, _ => throw Refused("content"), default));
        await Assert.ThrowsExactlyAsync<ComponentException>(() => directory.UseAsync<int>("notes", s_caller, _ => throw Refused("model"), default));
    }

    private static ComponentException Refused(string field) =>
        new(Components.Storage, new RpcException(new Status(StatusCode.InvalidArgument, "no"), new Metadata { { "sutra-field", field } }));
}
