using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Tests.Storage.Grpc;

/// <summary>Calls the storage service as the api does: with an internal token and a deadline.</summary>
internal sealed class StorageClient(GrpcChannel channel, params string[] scopes) : IDisposable
{
    public const string Key = "a-key-for-tests-that-is-long-enough-0123456789";

    private readonly ConceptStore.ConceptStoreClient _client = new(channel);

    private string _collection = "";

    /// <summary>From now on of this collection: learning, getting, deleting, verifying and statistics.</summary>
    public StorageClient In(string collection)
    {
        _collection = collection;
        return this;
    }

    /// <summary>Makes the collection, unless it is the default one.</summary>
    public async Task CreateCollectionAsync()
    {
        if (_collection is not ("" or "default"))
        {
            await new Sutra.Contracts.Storage.V1.Collections.CollectionsClient(channel).CreateAsync(new CreateCollectionRequest { Name = _collection }, Options());
        }
    }

    /// <param name="permissions">Read and write when none are given.</param>
    public static StorageClient To(int port, params string[] permissions) =>
        new(GrpcChannel.ForAddress($"http://127.0.0.1:{port}"), permissions is [] ? [Permissions.Read, Permissions.Write] : permissions);

    public async Task<LearnResponse> LearnAsync(LearnRequest request) => await _client.LearnAsync(_collection.Length == 0 ? request : new LearnRequest(request) { Collection = _collection }, Options());

    public async Task<LearnManyResponse> LearnManyAsync(params IEnumerable<LearnRequest> requests) =>
        await _client.LearnManyAsync(new LearnManyRequest { Concepts = { requests } }, Options());

    public async Task<FieldsResponse> FieldsAsync(int maxValues = 0) => await _client.FieldsAsync(new FieldsRequest { MaxValues = maxValues }, Options());

    public async Task<Concept> GetAsync(string id) => await _client.GetConceptAsync(new GetConceptRequest { Id = id, Collection = _collection }, Options());

    public async Task DeleteAsync(string id) => await _client.DeleteConceptAsync(new DeleteConceptRequest { Id = id, Collection = _collection }, Options());

    public async Task<SearchResponse> SearchAsync(SearchRequest request) => await _client.SearchAsync(request, Options());

    public async Task<RelatedResponse> RelatedAsync(RelatedRequest request) => await _client.RelatedAsync(request, Options());

    public async Task<Statistics> GetStatisticsAsync() => await _client.GetStatisticsAsync(new GetStatisticsRequest { Collection = _collection }, Options());

    public async Task<List<Concept>> ScanAsync(ScanRequest request)
    {
        using var call = _client.Scan(request, Options());
        var found = new List<Concept>();
        await foreach (var concept in call.ResponseStream.ReadAllAsync())
        {
            found.Add(concept);
        }

        return found;
    }

    public async Task<long> CountAsync(Filter? filter = null) => (await _client.CountAsync(new CountRequest { Filter = filter }, Options())).Concepts;

    public async Task<VerifyResponse> VerifyAsync() => await _client.VerifyAsync(new VerifyRequest { Collection = _collection }, Options());

    /// <summary>Null when there is none.</summary>
    public async Task<Concept?> FindAsync(string id)
    {
        try
        {
            return await GetAsync(id);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    public static LearnRequest Request(string content, params float[] embedding)
    {
        var request = new LearnRequest { Content = content, Model = "model-a" };
        request.Embedding.AddRange(embedding.Length > 0 ? embedding : [1, 2, 3]);
        return request;
    }

    public static void AssertSame(LearnRequest expected, Concept actual)
    {
        // A learn request and a concept differ in the id and in the numbers of their fields only.
        var concept = new LearnRequest { Content = actual.Content, Model = actual.Model, Owner = actual.Owner };
        concept.Embedding.AddRange(actual.Embedding);
        concept.Metadata.Add(actual.Metadata);
        concept.Associations.AddRange(actual.Associations);
        Assert.AreEqual(expected, concept);
        Assert.AreEqual(expected.ToByteString().Length, concept.ToByteString().Length);
    }

    public void Dispose() => channel.Dispose();

    private CallOptions Options() => OptionsOf(scopes);

    /// <summary>A token with these permissions, none without any, and a deadline.</summary>
    public static CallOptions OptionsOf(params string[] scopes)
    {
        var headers = new Metadata();
        if (scopes.Length > 0)
        {
            headers.Add(InternalToken.Header, new InternalToken(Key, TimeSpan.FromMinutes(1), TimeProvider.System).Mint(new CallerIdentity("user:test", scopes)));
        }

        return new CallOptions(headers, DateTime.UtcNow.AddSeconds(30));
    }
}
