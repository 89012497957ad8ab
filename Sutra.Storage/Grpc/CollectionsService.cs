using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Collections;

namespace Sutra.Storage.Grpc;

/// <summary>Collections for the other services. Looking asks for <see cref="Permissions.Read"/>, changing for <see cref="Permissions.Admin"/>.</summary>
internal sealed class CollectionsService(CollectionStore store) : Contracts.Storage.V1.Collections.CollectionsBase
{
    // Changes flush the disk: they take no thread that answers calls.
    [Authorize(Policy = Permissions.Admin)]
    public override async Task<Collection> Create(CreateCollectionRequest request, ServerCallContext context)
    {
        var settings = CollectionMessages.FromMessage(request.Settings ?? new());
        return Message(await Task.Run(() => request.Replacement is { } replacement
            ? store.CreateReplacement(request.Name, settings, replacement.Of, replacement.RequestedBy)
            : store.Create(request.Name, settings)));
    }

    [Authorize(Policy = Permissions.Read)]
    public override Task<Collection> Get(GetCollectionRequest request, ServerCallContext context) => Task.FromResult(Message(store.Describe(request.Name)));

    [Authorize(Policy = Permissions.Read)]
    public override Task<ListCollectionsResponse> List(ListCollectionsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListCollectionsResponse { Collections = { store.List(request.Replacements).Select(Message) } });

    [Authorize(Policy = Permissions.Admin)]
    public override async Task<Collection> Update(UpdateCollectionRequest request, ServerCallContext context)
    {
        var timeToLive = request.HasTimeToLiveSeconds ? CollectionMessages.TimeToLive(request.TimeToLiveSeconds) : default(TimeSpan?);
        var expiry = request.Expiry is { } rules ? CollectionMessages.FromMessage(rules.Rules) : null;
        return Message(await Task.Run(() => store.Update(request.Name, request.HasEfSearch ? request.EfSearch : null, timeToLive, request.ClearTimeToLive, expiry)));
    }

    [Authorize(Policy = Permissions.Admin)]
    public override async Task<DeleteCollectionResponse> Delete(DeleteCollectionRequest request, ServerCallContext context)
    {
        await Task.Run(() => store.Delete(request.Name));
        return new DeleteCollectionResponse();
    }

    [Authorize(Policy = Permissions.Admin)]
    public override async Task<Collection> SetAlias(SetAliasRequest request, ServerCallContext context) =>
        Message(await Task.Run(() => store.SetAlias(request.Alias, request.Collection)));

    [Authorize(Policy = Permissions.Admin)]
    public override async Task<DeleteAliasResponse> DeleteAlias(DeleteAliasRequest request, ServerCallContext context)
    {
        await Task.Run(() => store.RemoveAlias(request.Alias));
        return new DeleteAliasResponse();
    }

    [Authorize(Policy = Permissions.Admin)]
    public override async Task<FollowResponse> Follow(FollowRequest request, ServerCallContext context)
    {
        var changes = await store.FollowAsync(
            request.Name, request.Worker, request.Failure, request.Epoch, request.After, request.Limit, TimeSpan.FromMilliseconds(request.HoldMs));
        return new FollowResponse
        {
            Epoch = changes.Epoch,
            UpTo = changes.UpTo,
            Ids = { changes.Ids.Select(id => id.ToString()) },
            ErasedOwners = { changes.ErasedOwners },
            More = changes.More,
        };
    }

    [Authorize(Policy = Permissions.Admin)]
    public override async Task<Collection> Replace(ReplaceRequest request, ServerCallContext context) =>
        Message(await Task.Run(() => store.Replace(request.Name, request.Worker, request.Epoch, request.After)));

    // One that is being deleted has none any more.
    private Collection Message(CollectionInfo collection)
    {
        var message = CollectionMessages.ToMessage(collection, store.Find(collection.Id)?.Statistics.Concepts ?? 0);
        message.Replacement = CollectionMessages.ToMessage(collection.Replacement, store.Progress(collection.Id));
        return message;
    }
}
