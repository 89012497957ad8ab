using Sutra.Storage.Concepts;
using Sutra.Storage.Lexical;
using Sutra.Storage.Search;

namespace Sutra.Storage.Engine;

/// <summary>
/// Vectors and words in one ranking of one state. Each leg gives its candidates; each candidate of one leg gets its score of the other, too,
/// so that nobody loses for having been found by one leg only.
/// </summary>
internal sealed class HybridSearch(EngineView view, HybridOptions options)
{
    // The constant of the paper.
    private const float ReciprocalRankConstant = 60;

    private readonly Dictionary<ConceptId, Candidate> _candidates = [];

    /// <param name="query">Normalised; empty for words only.</param>
    /// <param name="model">Of the query. Concepts of other models are found by their words only.</param>
    /// <param name="text">The question's words; none for vectors only.</param>
    public IReadOnlyList<SearchHit> Run(ReadOnlySpan<float> query, string model, LexicalQuery text, int topK, int ef)
    {
        var wanted = Math.Max(topK, options.Candidates);
        var texts = text.Count > 0 && options.TextWeight > 0 ? new TextLeg(view, text) : null;
        if (!query.IsEmpty && options.VectorWeight > 0)
        {
            var rank = 0;
            foreach (var found in ViewSearch.Nearest(view, query, model, wanted, ef))
            {
                _candidates[found.Id] = new Candidate(found) { Vector = new LegScore(Math.Clamp(found.Score, -1, 1), ++rank) };
            }
        }

        if (texts is not null)
        {
            var rank = 0;
            foreach (var found in texts.Best(wanted))
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
            foreach (var candidate in _candidates.Values.Where(candidate => candidate.Vector.Rank == 0))
            {
                candidate.Vector = new LegScore(candidate.Found.Cosine(query, model), 0);
            }
        }

        return Rank(topK);
    }

    private SearchHit[] Rank(int topK)
    {
        var bestText = _candidates.Values.Select(candidate => candidate.Text.Score).DefaultIfEmpty().Max();
        return [.. _candidates.Values
            .Select(candidate => (Candidate: candidate, Score: Fuse(candidate, bestText)))
            .OrderByDescending(pair => pair.Score)
            .ThenBy(pair => pair.Candidate.Found.Id.Value)
            .Take(topK)
            .Select(pair => (pair.Candidate, pair.Score, Concept: pair.Candidate.Found.Read()))
            .Where(hit => hit.Concept is not null)
            .Select(hit => new SearchHit(hit.Concept!, hit.Score, hit.Candidate.Vector, hit.Candidate.Text))];
    }

    private float Fuse(Candidate candidate, float bestText) => options.Fusion switch
    {
        Fusion.ReciprocalRank => Reciprocal(options.VectorWeight, candidate.Vector.Rank) + Reciprocal(options.TextWeight, candidate.Text.Rank),
        _ => options.VectorWeight * candidate.Vector.Score + (bestText > 0 ? options.TextWeight * candidate.Text.Score / bestText : 0),
    };

    private static float Reciprocal(float weight, int rank) => rank == 0 ? 0 : weight / (ReciprocalRankConstant + rank);

    internal sealed class Candidate(Found found)
    {
        public Found Found { get; } = found;

        public LegScore Vector { get; set; }

        public LegScore Text { get; set; }
    }
}
