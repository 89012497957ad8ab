using System.Runtime.InteropServices;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Associations;
using Sutra.Storage.Collections;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Grpc;

/// <summary>
/// Concepts for the other services. Learning and deleting ask for <see cref="Permissions.Write"/>, erasing and verifying for <see cref="Permissions.Admin"/>, all
/// else for <see cref="Permissions.Read"/>.
/// </summary>
internal sealed partial class ConceptStoreService(CollectionStore store) : ConceptStore.ConceptStoreBase
{
    /// <summary>One answer: a thousand concepts may be a gigabyte. 32 MiB, half of what the api takes; the largest concept fits many times.</summary>
    private const int MaxAnswerBytes = 32 * 1024 * 1024;

    /// <summary>The tag and the length before each hit, at most.</summary>
    private const int HitOverheadBytes = 6;

    [Authorize(Policy = Permissions.Read)]
    public override Task<Contracts.Storage.V1.Concept> GetConcept(GetConceptRequest request, ServerCallContext context) =>
        store.Get(request.Collection).TryGet(ConceptMessages.Id(request.Id, "id"), out var concept)
            ? Task.FromResult(ConceptMessages.ToMessage(concept, withEmbedding: true))
            : throw NotFound();

    [Authorize(Policy = Permissions.Write)]
    public override async Task<DeleteConceptResponse> DeleteConcept(DeleteConceptRequest request, ServerCallContext context) =>
        await store.Get(request.Collection).DeleteAsync(ConceptMessages.Id(request.Id, "id"), context.CancellationToken)
            ? new DeleteConceptResponse()
            : throw NotFound();

    [Authorize(Policy = Permissions.Read)]
    public override Task<SearchResponse> Search(SearchRequest request, ServerCallContext context)
    {
        var engine = store.Get(request.Collection);
        var query = CollectionsMarshal.AsSpan(request.Embedding.ToList());
        var expansion = AssociationMessages.Expansion(request.Expand);
        var filter = FilterMessages.FromMessage(request.Filter);
        var hybrid = request.Text.Length > 0 || expansion is not null;
        var cancellation = context.CancellationToken;
        var hits = hybrid
            ? engine.Search(request.Text, query, request.Model, request.TopK, ConceptMessages.Options(request), expansion, filter, cancellation)
            : engine.Search(query, request.Model, request.TopK, filter, cancellation);
        var response = new SearchResponse { Incomplete = hits is SearchHits { Complete: false } };
        var room = MaxAnswerBytes - HitOverheadBytes;
        foreach (var hit in hits)
        {
            var message = new Contracts.Storage.V1.SearchHit
            {
                Concept = ConceptMessages.ToMessage(hit.Concept, withEmbedding: false),
                Score = hit.Score,
            };
            if (hybrid)
            {
                message.Vector = ConceptMessages.ToMessage(hit.Vector);
                message.Text = ConceptMessages.ToMessage(hit.Text);
            }

            if (expansion is not null)
            {
                message.Graph = ConceptMessages.ToMessage(hit.Graph);
                message.Path.AddRange((hit.Path ?? []).Select(AssociationMessages.ToMessage));
            }

            room -= message.CalculateSize() + HitOverheadBytes;
            if (room < 0)
            {
                response.Incomplete = true;
                break;
            }

            response.Hits.Add(message);
        }

        return Task.FromResult(response);
    }

    [Authorize(Policy = Permissions.Read)]
    public override Task<RelatedResponse> Related(RelatedRequest request, ServerCallContext context)
    {
        var options = AssociationMessages.Traversal(request.Traversal, RelatedOptions.Default, "traversal");
        var related = store.Get(request.Collection).Related(
            ConceptMessages.Id(request.Id, "id"), options, FilterMessages.FromMessage(request.Filter), context.CancellationToken) ?? throw NotFound();
        var response = new RelatedResponse { Incomplete = !related.Complete };
        var room = MaxAnswerBytes - HitOverheadBytes;
        foreach (var concept in related.Concepts)
        {
            var message = AssociationMessages.ToMessage(concept);
            room -= message.CalculateSize() + HitOverheadBytes;
            if (room < 0)
            {
                response.Incomplete = true;
                break;
            }

            response.Concepts.Add(message);
        }

        return Task.FromResult(response);
    }

    [Authorize(Policy = Permissions.Read)]
    public override Task<Statistics> GetStatistics(GetStatisticsRequest request, ServerCallContext context)
    {
        var statistics = store.Get(request.Collection).Statistics;
        return Task.FromResult(new Statistics
        {
            Concepts = statistics.Concepts,
            LogBytes = statistics.LogBytes,
            VectorBytes = statistics.VectorBytes,
            Segments = statistics.Segments,
            SegmentBytes = statistics.SegmentBytes,
            IndexBytes = statistics.IndexBytes,
            DeadRows = statistics.DeadRows,
            Entities = statistics.Entities,
            Links = statistics.Links,
            AssociationBytes = statistics.AssociationBytes,
            SegmentsToRewrite = statistics.SegmentsToRewrite,
            Writable = statistics.Failure is null,
            Failure = statistics.Failure ?? "",
            ConceptsByModel = { statistics.ConceptsByModel.ToDictionary(StringComparer.Ordinal) },
        });
    }

    [Authorize(Policy = Permissions.Read)]
    public override Task<CountResponse> Count(CountRequest request, ServerCallContext context) =>
        Task.FromResult(new CountResponse { Concepts = store.Get(request.Collection).Count(FilterMessages.FromMessage(request.Filter), context.CancellationToken) });

    [Authorize(Policy = Permissions.Read)]
    public override async Task Scan(ScanRequest request, IServerStreamWriter<Contracts.Storage.V1.Concept> responses, ServerCallContext context)
    {
        var concepts = store.Get(request.Collection).Scan(FilterMessages.FromMessage(request.Filter), context.CancellationToken);
        foreach (var concept in concepts.Where(concept => request.Model.Length == 0 || concept.Model == request.Model))
        {
            await responses.WriteAsync(ConceptMessages.ToMessage(concept, request.WithEmbedding), context.CancellationToken);
        }
    }

    [Authorize(Policy = Permissions.Admin)]
    public override async Task<EraseOwnerResponse> EraseOwner(EraseOwnerRequest request, ServerCallContext context)
    {
        var concepts = 0L;
        foreach (var engine in request.AllCollections ? store.Engines.Values.ToList() : store.GetAll(request.Collection))
        {
            concepts += await engine.EraseAsync(request.Owner, context.CancellationToken);
        }

        return new EraseOwnerResponse { Concepts = concepts };
    }

    [Authorize(Policy = Permissions.Admin)]
    public override Task<VerifyResponse> Verify(VerifyRequest request, ServerCallContext context)
    {
        var report = store.Get(request.Collection).Verify(context.CancellationToken);
        return Task.FromResult(new VerifyResponse
        {
            Concepts = report.Concepts,
            Segments = report.Segments,
            Bytes = report.Bytes,
            Unreachable = report.Unreachable,
            Faults = { report.Faults },
        });
    }

    private static RpcException NotFound() => new(new Status(StatusCode.NotFound, "There is no concept with this id."));
}
