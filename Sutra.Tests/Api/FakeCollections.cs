using System.Collections.Concurrent;
using Grpc.Core;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Tests.Api;

/// <summary>Names and settings of collections, and nothing in them; the default one takes any model.</summary>
internal sealed class FakeCollections : Contracts.Storage.V1.Collections.CollectionsBase
{
    private int _gets;

    public FakeCollections() => Put("default", "", manyModels: true);

    public ConcurrentDictionary<string, Collection> All { get; } = new(StringComparer.Ordinal);

    public int Gets => Volatile.Read(ref _gets);

    public void Put(string name, string model, bool manyModels = false) =>
        All[name] = new Collection { Name = name, Id = name == "default" ? "" : Guid.NewGuid().ToString("N"), Settings = new CollectionSettings { Model = model, ManyModels = manyModels } };

    public override Task<Collection> Get(GetCollectionRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _gets);
        return All.TryGetValue(request.Name, out var found)
            ? Task.FromResult(found)
            : throw new RpcException(new Status(StatusCode.NotFound, "There is no such collection."));
    }

    public override Task<ListCollectionsResponse> List(ListCollectionsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListCollectionsResponse { Collections = { All.Values.OrderBy(collection => collection.Name, StringComparer.Ordinal) } });
}
