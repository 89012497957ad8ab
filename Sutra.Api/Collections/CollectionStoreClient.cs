using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Concepts;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Collections;

/// <summary>The storage's collections, over gRPC. Changes are not tried again: a second try would find the first one's work and call it a conflict.</summary>
internal sealed partial class CollectionStoreClient(
    Contracts.Storage.V1.Collections.CollectionsClient client,
    ConceptStore.ConceptStoreClient concepts,
    IOptions<ConceptStoreOptions> options,
    TimeProvider time)
{
    // Making and deleting flush the disk several times; deleting closes an engine.
    private static readonly TimeSpan s_changes = TimeSpan.FromSeconds(60);

    public Task<Collection> GetAsync(string name, Caller caller, CancellationToken cancellation) =>
        Call(caller).InvokeAsync(call => client.GetAsync(new GetCollectionRequest { Name = name }, call), cancellation);

    /// <param name="replacements">Also those that are being made to take another's place.</param>
    public async Task<IReadOnlyList<Collection>> ListAsync(Caller caller, CancellationToken cancellation, bool replacements = false) =>
        (await Call(caller).InvokeAsync(call => client.ListAsync(new ListCollectionsRequest { Replacements = replacements }, call), cancellation)).Collections;

    public Task<Statistics> GetStatisticsAsync(string name, Caller caller, CancellationToken cancellation) =>
        Call(caller).InvokeAsync(call => concepts.GetStatisticsAsync(new GetStatisticsRequest { Collection = name }, call), cancellation);

    public Task<Collection> CreateAsync(CreateCollectionRequest request, Caller caller, CancellationToken cancellation) =>
        Change(caller).InvokeAsync(call => client.CreateAsync(request, call), cancellation);

    public Task<Collection> UpdateAsync(UpdateCollectionRequest request, Caller caller, CancellationToken cancellation) =>
        Change(caller).InvokeAsync(call => client.UpdateAsync(request, call), cancellation);

    public Task DeleteAsync(string name, Caller caller, CancellationToken cancellation) =>
        Change(caller).InvokeAsync(call => client.DeleteAsync(new DeleteCollectionRequest { Name = name }, call), cancellation);

    public Task<Collection> SetAliasAsync(string alias, string collection, Caller caller, CancellationToken cancellation) =>
        Change(caller).InvokeAsync(call => client.SetAliasAsync(new SetAliasRequest { Alias = alias, Collection = collection }, call), cancellation);

    public Task DeleteAliasAsync(string alias, Caller caller, CancellationToken cancellation) =>
        Change(caller).InvokeAsync(call => client.DeleteAliasAsync(new DeleteAliasRequest { Alias = alias }, call), cancellation);

    private UnaryCall Call(Caller caller) => new(Components.Storage, caller, options.Value.Deadline, time);

    private UnaryCall Change(Caller caller) => Call(caller) with { Limit = s_changes, Retry = false };
}
