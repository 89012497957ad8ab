using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Lexical;
using Sutra.Storage.Search;

namespace Sutra.Storage.Engine;

/// <summary>
/// Vectors, words and associations in one ranking of one state. Each leg gives its candidates; each candidate of one leg gets its score of the other, too,
/// so that nobody loses for having been found by one leg only.
/// </summary>
/// <param name="expansion">Goes on from the best to what is associated with them; null leaves that leg out.</param>
/// <param name="filter">What may be found, and be gone through; null for all.</param>
internal sealed class HybridSearch(
    EngineView view, HybridOptions options, ExpansionOptions? expansion = null, ViewFilter? filter = null, CancellationToken cancellation = default)
{
    // The constant of the paper.
    private const float ReciprocalRankConstant = 60;

    private readonly Dictionary<ConceptId, Candidate> _candidates = [];

    /// <param name="query">Normalised; empty for words only.</param>
    /// <param name="model">Of the query. Concepts of other models are found by their words only.</param>
    /// <param name="text">The question's words; none for vectors only.</param>
    public SearchHits Run(ReadOnlySpan<float> query, string model, LexicalQuery text, int topK, int ef)
    {
        var wanted = Math.Max(topK, options.Candidates);
        var texts = text.Count > 0 && options.TextWeight > 0 ? new TextLeg(view, text, filter) : null;
        if (!query.IsEmpty && options.VectorWeight > 0)
        {
            var rank = 0;
            foreach (var found in ViewSearch.Nearest(view, query, model, wanted, ef, filter, cancellation))
            {
                _candidates[found.Id] = new Candidate(found) { Vector = new LegScore(Math.Clamp(found.Score, -1, 1), ++rank) };
            }
        }

        if (texts is not null)
        {
            var rank = 0;
            foreach (var found in texts.Best(wanted, cancellation))
            {
                if (!_candidates.TryGetValue(found.Id, out var candidate))
                {
                    candidate = new Candidate(found);
                    _candidates.Add(found.Id, candidate);
                }

                candidate.Text = new LegScore(found.Score, ++rank);
            }

            texts.Score(_candidates.Values);
        }

        if (!query.IsEmpty && options.VectorWeight > 0)
        {
            AddCosines(_candidates.Values, query, model);
        }

        var complete = true;
        if (expansion is not null)
        {
            var further = Expand(ef, out complete);
            texts?.Score(further);
            if (!query.IsEmpty && options.VectorWeight > 0)
            {
                AddCosines(further, query, model);
            }
        }

        var hits = from pair in Rank(topK)
                   let concept = pair.Candidate.Found.Read()
                   where concept is not null
                   select new SearchHit(concept, pair.Score, pair.Candidate.Vector, pair.Candidate.Text, pair.Candidate.Graph, pair.Candidate.Path);
        return new SearchHits([.. hits], complete);
    }

    private static void AddCosines(IEnumerable<Candidate> candidates, ReadOnlySpan<float> query, string model)
    {
        foreach (var candidate in candidates)
        {
            if (candidate.Vector.Rank == 0)
            {
                candidate.Vector = new LegScore(candidate.Found.Cosine(query, model), 0);
            }
        }
    }

    // What no other leg found is returned: it has no scores of theirs yet.
    private List<Candidate> Expand(int ef, out bool complete)
    {
        var seeds = Rank(expansion!.Seeds).Where(pair => pair.Score > 0).ToList();
        var further = new List<Candidate>();
        complete = true;
        if (seeds.Count == 0)
        {
            return further;
        }

        var traversal = new Traversal(view, expansion.Traversal, ef, filter, cancellation);
        var rank = 0;
        var begin = seeds.ConvertAll(seed => (seed.Candidate.Found, seed.Score / seeds[0].Score));
        foreach (var reached in traversal.Run(begin, withSeeds: true))
        {
            if (!_candidates.TryGetValue(reached.Concept.Id, out var candidate))
            {
                candidate = new Candidate(reached.Concept);
                _candidates.Add(reached.Concept.Id, candidate);
                further.Add(candidate);
            }

            candidate.Graph = new LegScore(reached.Score, ++rank);
            candidate.Path = reached.Path;
        }

        complete = traversal.Complete;
        return further;
    }

    private IEnumerable<(Candidate Candidate, float Score)> Rank(int count)
    {
        var bestText = _candidates.Values.Select(candidate => candidate.Text.Score).DefaultIfEmpty().Max();
        return _candidates.Values
            .Select(candidate => (Candidate: candidate, Score: Fuse(candidate, bestText)))
            .OrderByDescending(pair => pair.Score)
            .ThenBy(pair => pair.Candidate.Found.Id.Value)
            .Take(count);
    }

    private float Fuse(Candidate candidate, float bestText) => options.Fusion switch
    {
        Fusion.ReciprocalRank => Reciprocal(options.VectorWeight, candidate.Vector.Rank) + Reciprocal(options.TextWeight, candidate.Text.Rank)
            + Reciprocal(expansion?.Weight ?? 0, candidate.Graph.Rank),
        _ => options.VectorWeight * candidate.Vector.Score + (bestText > 0 ? options.TextWeight * candidate.Text.Score / bestText : 0)
            + ((expansion?.Weight ?? 0) * candidate.Graph.Score),
    };

    private static float Reciprocal(float weight, int rank) => rank == 0 ? 0 : weight / (ReciprocalRankConstant + rank);

    internal sealed class Candidate(Found found)
    {
        public Found Found { get; } = found;

        public LegScore Vector { get; set; }

        public LegScore Text { get; set; }

        public LegScore Graph { get; set; }

        public IReadOnlyList<AssociationStep>? Path { get; set; }
    }
}
