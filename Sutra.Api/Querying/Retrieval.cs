using System.Text;
using Sutra.Api.Concepts;
using Sutra.Api.Embeddings;
using Sutra.Api.Identity;
using Sutra.Api.Planning;
using Sutra.Api.Understanding;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Querying;

/// <summary>
/// Finds texts by meaning, by words and along associations, in one ranking; what the question names of metadata is preferred, not required: it may have meant
/// something else.
/// </summary>
internal sealed class Retrieval(ConceptStoreClient store, HeadingVectors headings)
{
    private const int MinCandidates = 50;
    private const int CandidatesPerResult = 4;
    private const int MaxTextBytes = 64 * 1024;

    /// <param name="allowed">The only concepts that may be found; null for all.</param>
    /// <returns>Best first.</returns>
    public async Task<IReadOnlyList<Ranked>> FindAsync(
        Question question, MetadataCatalog catalog, Embedded embedded, Filter? allowed, string? collection, int topK, QueryTrace? trace, Caller caller, CancellationToken cancellation)
    {
        var count = Math.Max(MinCandidates, topK * CandidatesPerResult);
        var named = Named(question, catalog);
        var request = Request(question, embedded, allowed, collection, count);
        var searches = new List<Task<IReadOnlyList<SearchHit>>> { SearchAsync("search", request, trace, caller, cancellation) };
        if (named is not null)
        {
            var narrow = Request(question, embedded, MetadataFilters.All(allowed, named), collection, count);
            searches.Add(SearchAsync("search_named", narrow, trace, caller, cancellation));
        }

        var hits = (await Task.WhenAll(searches)).SelectMany(found => found).ToList();
        var ranked = await RankAsync(question, catalog, hits, embedded, trace, caller, cancellation);
        if (ranked.Count >= count && Reranker.LacksExactTerm(question.Terms, ranked))
        {
            // A date or number that what is near in meaning does not have is looked for by itself.
            hits.AddRange(await SearchAsync("search_exact", Exact(question, allowed, collection, count), trace, caller, cancellation));
            ranked = await RankAsync(question, catalog, hits, embedded, trace, caller, cancellation);
        }

        return ranked;
    }

    private async Task<IReadOnlyList<SearchHit>> SearchAsync(string stage, SearchRequest request, QueryTrace? trace, Caller caller, CancellationToken cancellation)
    {
        var started = trace?.Start() ?? 0;
        var response = await store.SearchAsync(request, caller, cancellation);
        trace?.Searched(stage, started, request, response);
        return response.Hits;
    }

    private async Task<IReadOnlyList<Ranked>> RankAsync(
        Question question, MetadataCatalog catalog, List<SearchHit> hits, Embedded embedded, QueryTrace? trace, Caller caller, CancellationToken cancellation)
    {
        // Words also find what another model embedded; that has no place in this ranking.
        var distinct = hits.Where(hit => string.Equals(hit.Concept.Model, embedded.Model, StringComparison.Ordinal)).DistinctBy(hit => hit.Concept.Id, StringComparer.Ordinal).ToList();
        var started = trace?.Start() ?? 0;
        var near = await headings.CompareAsync(embedded, distinct, caller, cancellation);
        if (near.Count > 0)
        {
            trace?.Add("headings", started, found: near.Count);
        }

        var bestText = Math.Max(distinct.Max(hit => hit.Text?.Score) ?? 0, float.Epsilon);
        var candidates = distinct.Select(hit => new Candidate(hit.Concept.Id, hit.Concept.Content, hit.Vector?.Score ?? hit.Score, hit.Concept.Metadata)
        {
            Wording = hit.Text is null ? null : hit.Text.Score / bestText,
            Graph = Math.Clamp(hit.Graph?.Score ?? 0, 0, 1),
            IsNamed = IsNamed(hit.Concept, question, catalog),
            Heading = Section.Of(hit.Concept.Metadata) is { } section && near.TryGetValue(section.Heading, out var cosine) ? cosine : null,
        });
        return DocumentRanking.Arrange(Reranker.Rank(question.Terms, [.. candidates], cancellation));
    }

    private static SearchRequest Request(Question question, Embedded embedded, Filter? filter, string? collection, int count)
    {
        var request = new SearchRequest
        {
            TopK = count,
            Model = embedded.Model,
            Text = TextOf(question),
            Filter = filter,
            Collection = collection ?? "",
            Hybrid = new HybridOptions { Candidates = count },

            // Neighbours are found by the vector already, and cost most.
            Expand = new Expansion { Seeds = 5, Traversal = new Traversal { Depth = 1, Limit = 20, Edges = 2000, Kinds = { AssociationKind.Link, AssociationKind.Entity } } },
        };
        request.Embedding.AddRange(embedded.Vector);
        return request;
    }

    private static SearchRequest Exact(Question question, Filter? filter, string? collection, int count)
    {
        var exact = question.Terms.Where(term => term.Kind == TermKind.Exact).SelectMany(term => new[] { term.Text, CalendarDates.InWords(term.Text) });
        return new SearchRequest { TopK = count, Text = string.Join(' ', exact), Filter = filter, Collection = collection ?? "" };
    }

    /// <summary>
    /// What the question asks for, without the words that say how: "I" and "do" are rare in texts, but say nothing of them. Its dates also in the other form
    /// that texts may have them in.
    /// </summary>
    private static string TextOf(Question question)
    {
        var text = new StringBuilder();
        foreach (var term in question.Terms)
        {
            if (term.Kind == TermKind.Exact && CalendarDates.InWords(term.Text) is not null)
            {
                text.Append(term.Text).Append(' ');
            }
        }

        var from = 0;
        var says = false;
        foreach (var token in question.Tokens)
        {
            if (token.Kind == TokenKind.Word && StopWords.Contains(token.Text.ToLowerInvariant()))
            {
                text.Append(question.Text, from, token.Start - from);
                from = token.End;
            }
            else
            {
                says = true;
            }
        }

        text.Append(question.Text, from, question.Text.Length - from);
        return !says || Encoding.UTF8.GetByteCount(text.ToString()) > MaxTextBytes ? question.Text : text.ToString();
    }

    /// <summary>What is surely named, as a filter; null when nothing is.</summary>
    private static Filter? Named(Question question, MetadataCatalog catalog) => MetadataFilters.All(
        [
            .. question.Mentions.Where(mention => mention.IsSure).GroupBy(mention => mention.Field)
                .Select(group => MetadataFilters.OneOf(group.Key, [.. group.Select(mention => mention.Value).Distinct(StringComparer.Ordinal)])),
            MetadataFilters.During(catalog.Time, question.Times),
        ]);

    private static bool IsNamed(Concept concept, Question question, MetadataCatalog catalog)
    {
        var sure = question.Mentions.Where(mention => mention.IsSure).ToList();
        if (sure.Count == 0 && question.Times.Count == 0)
        {
            return false;
        }

        var record = Record.Of(concept, catalog.Time);
        return (sure.Count == 0 || sure.GroupBy(mention => mention.Field).All(group => group.Any(mention => string.Equals(record[mention.Field], mention.Value, StringComparison.Ordinal))))
            && (question.Times.Count == 0 || question.Times.Any(record.IsDuring));
    }
}
