using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Tests.Api;

/// <summary>A concept store in memory, behind the real protocol.</summary>
internal sealed partial class FakeStorage : ConceptStore.ConceptStoreBase
{
    private readonly ConcurrentDictionary<string, Concept> _concepts = new(StringComparer.Ordinal);

    public bool Writable { get; set; } = true;

    /// <summary>When set, learning fails with it.</summary>
    public Status? LearnFails { get; set; }

    /// <summary>The contents that fail then; all.</summary>
    public Func<string, bool> LearnFailsFor { get; set; } = _ => true;

    /// <summary>Counts down; as long as it is positive, calls answer UNAVAILABLE.</summary>
    public int UnavailableCalls { get; set; }

    public FakeCollections Collections { get; init; } = new();

    public ConcurrentDictionary<string, Concept> Concepts => _concepts;

    public ConcurrentQueue<string?> Tokens { get; } = new();

    /// <summary>When set, searches answer when it has ended.</summary>
    public Task? Gate { get; set; }

    public ConcurrentQueue<int> SearchSizes { get; } = new();

    /// <summary>The words of each search.</summary>
    public ConcurrentQueue<string> SearchTexts { get; } = new();

    public static string IdOf(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 8));

    /// <summary>When everything was learned, in milliseconds since 1970.</summary>
    public const long LearnedAt = 1_700_000_000_123;

    /// <summary>The collection of each call that learned.</summary>
    public ConcurrentQueue<string> LearnedIn { get; } = new();

    public override Task<LearnResponse> Learn(LearnRequest request, ServerCallContext context)
    {
        Enter(context);
        LearnedIn.Enqueue(request.Collection);
        return Task.FromResult(Learn(request));
    }

    public override Task<LearnManyResponse> LearnMany(LearnManyRequest request, ServerCallContext context)
    {
        Enter(context);
        LearnedIn.Enqueue(request.Collection);
        var response = new LearnManyResponse();
        foreach (var concept in request.Concepts)
        {
            try
            {
                var learned = Learn(concept);
                response.Outcomes.Add(new LearnOutcome { Id = learned.Id, Created = learned.Created });
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument or StatusCode.AlreadyExists)
            {
                response.Outcomes.Add(new LearnOutcome { Field = e.StatusCode == StatusCode.NotFound ? "id" : "content", Error = "must be otherwise" });
            }
        }

        return Task.FromResult(response);
    }

    private LearnResponse Learn(LearnRequest request)
    {
        if (LearnFails is { } status && LearnFailsFor(request.Content))
        {
            throw new RpcException(status);
        }

        var id = request.Id.Length > 0 ? request.Id : _concepts.Values.FirstOrDefault(known => known.Content == request.Content)?.Id ?? IdOf(request.Content);
        var created = !_concepts.ContainsKey(id);
        if (created && request.Id.Length > 0)
        {
            throw new RpcException(new Status(StatusCode.NotFound, "no such concept"));
        }

        if (_concepts.Values.Any(known => known.Content == request.Content && known.Id != id))
        {
            throw new RpcException(new Status(StatusCode.AlreadyExists, "another has it"));
        }

        var concept = new Concept { Id = id, Content = request.Content, Model = request.Model, Owner = request.Owner, LearnedAt = LearnedAt };
        concept.Metadata.Add(request.Metadata);
        concept.Embedding.Add(request.Embedding);
        concept.Associations.Add(request.Associations);
        _concepts[id] = concept;
        return new LearnResponse { Id = id, Created = created };
    }

    public override Task<Concept> GetConcept(GetConceptRequest request, ServerCallContext context)
    {
        Enter(context);
        return _concepts.TryGetValue(request.Id, out var concept)
            ? Task.FromResult(concept)
            : throw new RpcException(new Status(StatusCode.NotFound, "no such concept"));
    }

    public override Task<DeleteConceptResponse> DeleteConcept(DeleteConceptRequest request, ServerCallContext context)
    {
        Enter(context);
        return _concepts.TryRemove(request.Id, out _)
            ? Task.FromResult(new DeleteConceptResponse())
            : throw new RpcException(new Status(StatusCode.NotFound, "no such concept"));
    }

    public override Task<Statistics> GetStatistics(GetStatisticsRequest request, ServerCallContext context)
    {
        Enter(context);
        var statistics = new Statistics { Concepts = _concepts.Count, Writable = Writable };
        statistics.ConceptsByModel.Add(_concepts.Values.GroupBy(concept => concept.Model).ToDictionary(group => group.Key, group => (long)group.Count()));
        return Task.FromResult(statistics);
    }

    private void Enter(ServerCallContext context)
    {
        Tokens.Enqueue(context.RequestHeaders.GetValue(InternalToken.Header));
        if (UnavailableCalls > 0)
        {
            UnavailableCalls--;
            throw new RpcException(new Status(StatusCode.Unavailable, "just now"));
        }
    }

    private static Concept WithoutEmbedding(Concept concept)
    {
        var copy = concept.Clone();
        copy.Embedding.Clear();
        return copy;
    }

    private static float Dot(IList<float> a, IList<float> b) => a.Zip(b, (x, y) => x * y).Sum();
}
