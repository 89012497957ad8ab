using Grpc.Core;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Tests.Storage.Files;
using CollectionsClient = Sutra.Contracts.Storage.V1.Collections.CollectionsClient;

namespace Sutra.Tests.Storage.Grpc;

[TestClass]
public sealed class CollectionsServiceTests
{
    private readonly StorageService _service;
    private readonly CollectionsClient _collections;
    private readonly ConceptStore.ConceptStoreClient _concepts;

    public CollectionsServiceTests()
    {
        _service = new StorageService(new SimulatedDisk());
        var channel = _service.Channel();
        _collections = new CollectionsClient(channel);
        _concepts = new ConceptStore.ConceptStoreClient(channel);
    }

    [TestCleanup]
    public void CleanUp() => _service.Dispose();

    [TestMethod]
    public async Task A_collection_is_made_used_changed_renamed_by_alias_and_deleted()
    {
        var made = await _collections.CreateAsync(
            new CreateCollectionRequest { Name = "notes", Settings = new CollectionSettings { Dimension = 3, Language = "german", TimeToLiveSeconds = 60 } }, Admin);
        Assert.AreEqual(32, made.Id.Length);
        Assert.AreEqual("German", made.Settings.Language);
        Assert.AreEqual(16, made.Settings.M);
        Assert.AreEqual(60, made.Settings.TimeToLiveSeconds);

        var request = StorageClient.Request("a note");
        request.Collection = "notes";
        request.Owner = "ada";
        var id = (await _concepts.LearnAsync(request, Writer)).Id;
        await AssertStatusAsync(StatusCode.NotFound, () => _concepts.GetConceptAsync(new GetConceptRequest { Id = id }, Writer).ResponseAsync);
        await _collections.SetAliasAsync(new SetAliasRequest { Alias = "live", Collection = "notes" }, Admin);
        var concept = await _concepts.GetConceptAsync(new GetConceptRequest { Id = id, Collection = "live" }, Writer);
        Assert.AreEqual(("a note", "ada"), (concept.Content, concept.Owner));
        Assert.IsGreaterThan(0L, concept.LearnedAt);
        var search = new SearchRequest { TopK = 5, Model = "model-a", Collection = "live" };
        search.Embedding.AddRange([1, 2, 3]);
        Assert.AreEqual(id, (await _concepts.SearchAsync(search, Writer)).Hits.Single().Concept.Id);
        Assert.AreEqual(1, (await _concepts.GetStatisticsAsync(new GetStatisticsRequest { Collection = "notes" }, Writer)).Concepts);

        var updated = await _collections.UpdateAsync(new UpdateCollectionRequest { Name = "live", EfSearch = 300, ClearTimeToLive = true }, Admin);
        Assert.AreEqual(300, updated.Settings.EfSearch);
        Assert.IsFalse(updated.Settings.HasTimeToLiveSeconds);
        var listed = await _collections.ListAsync(new ListCollectionsRequest(), Writer);
        CollectionAssert.AreEqual(new[] { ("default", 0L), ("notes", 1L) }, listed.Collections.Select(one => (one.Name, one.Concepts)).ToList());

        await _collections.DeleteAliasAsync(new DeleteAliasRequest { Alias = "live" }, Admin);
        await AssertStatusAsync(StatusCode.NotFound, () => _collections.GetAsync(new GetCollectionRequest { Name = "live" }, Writer).ResponseAsync);
        await _collections.DeleteAsync(new DeleteCollectionRequest { Name = "notes" }, Admin);
        await AssertStatusAsync(StatusCode.NotFound, () => _concepts.SearchAsync(search, Writer).ResponseAsync);
    }

    [TestMethod]
    public async Task What_cannot_be_done_is_told_apart()
    {
        await _collections.CreateAsync(new CreateCollectionRequest { Name = "notes" }, Admin);
        await AssertStatusAsync(StatusCode.AlreadyExists, () => _collections.CreateAsync(new CreateCollectionRequest { Name = "notes" }, Admin).ResponseAsync);
        await AssertStatusAsync(StatusCode.InvalidArgument, () => _collections.CreateAsync(new CreateCollectionRequest { Name = "No" }, Admin).ResponseAsync);
        await AssertStatusAsync(StatusCode.InvalidArgument, () => _collections.CreateAsync(
            new CreateCollectionRequest { Name = "more", Settings = new CollectionSettings { Language = "1" } }, Admin).ResponseAsync);
        await AssertStatusAsync(StatusCode.InvalidArgument, () => _collections.UpdateAsync(
            new UpdateCollectionRequest { Name = "notes", TimeToLiveSeconds = long.MaxValue }, Admin).ResponseAsync);
        await AssertStatusAsync(StatusCode.FailedPrecondition, () => _collections.DeleteAsync(new DeleteCollectionRequest { Name = "default" }, Admin).ResponseAsync);
        await AssertStatusAsync(StatusCode.NotFound, () => _collections.DeleteAsync(new DeleteCollectionRequest { Name = "nothing" }, Admin).ResponseAsync);
        await AssertStatusAsync(StatusCode.PermissionDenied, () => _collections.CreateAsync(new CreateCollectionRequest { Name = "more" }, Writer).ResponseAsync);
        await AssertStatusAsync(StatusCode.Unauthenticated, () => _collections.ListAsync(new ListCollectionsRequest()).ResponseAsync);
    }

    [TestMethod]
    public async Task An_owner_is_erased_from_one_collection_or_from_all()
    {
        await _collections.CreateAsync(new CreateCollectionRequest { Name = "notes" }, Admin);
        foreach (var (collection, content) in new[] { ("notes", "one"), ("notes", "two"), ("", "three") })
        {
            var request = StorageClient.Request(content);
            (request.Collection, request.Owner) = (collection, "ada");
            await _concepts.LearnAsync(request, Writer);
        }

        await AssertStatusAsync(StatusCode.PermissionDenied, () => _concepts.EraseOwnerAsync(new EraseOwnerRequest { Owner = "ada" }, Writer).ResponseAsync);
        await AssertStatusAsync(StatusCode.InvalidArgument, () => _concepts.EraseOwnerAsync(new EraseOwnerRequest(), Admin).ResponseAsync);
        Assert.AreEqual(1, (await _concepts.EraseOwnerAsync(new EraseOwnerRequest { Owner = "ada" }, Admin)).Concepts);
        Assert.AreEqual(2, (await _concepts.EraseOwnerAsync(new EraseOwnerRequest { Owner = "ada", AllCollections = true }, Admin)).Concepts);
        Assert.AreEqual(0, (await _collections.GetAsync(new GetCollectionRequest { Name = "notes" }, Writer)).Concepts);
    }

    private static CallOptions Admin => StorageClient.OptionsOf(Permissions.Admin);

    private static CallOptions Writer => StorageClient.OptionsOf(Permissions.Read, Permissions.Write);

    private static async Task AssertStatusAsync(StatusCode expected, Func<Task> call) =>
        Assert.AreEqual(expected, (await Assert.ThrowsExactlyAsync<RpcException>(call)).StatusCode);
}
