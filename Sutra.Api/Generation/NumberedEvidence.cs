using Sutra.Api.Planning;
using Sutra.Contracts.Api;

namespace Sutra.Api.Generation;

/// <summary>What the language model may say, and nothing else; its number in the prompt is its place in the list, from 1.</summary>
/// <param name="Text">What the model sees of it: whole, or the beginning of a long content, so that places in it are places in the content.</param>
/// <param name="Concept">Null: it was computed.</param>
/// <param name="Proof">What proves something that was computed.</param>
internal sealed record NumberedEvidence(string Text, Evidence? Concept, IReadOnlyList<Citation> Proof)
{
    public const int MaxCharacters = 4000;

    /// <summary>What a question was answered with without a model comes first when it was computed: no evidence alone says a total.</summary>
    public static IReadOnlyList<NumberedEvidence> Of(QueryResponse found, int most)
    {
        var concepts = found.Evidence.Take(most).Select(one => new NumberedEvidence(Beginning(one.Content), one, [])).ToList();
        if (found.Kind is null or PlanKinds.Retrieval)
        {
            return concepts;
        }

        var proof = found.Citations.Count > 0 ? found.Citations
            : [.. found.Evidence.Take(most).Select(one => new Citation(one.ConceptId, one.Metadata.GetValueOrDefault("source"), null, null, 0, 0))];
        return [new NumberedEvidence(found.Answer!, null, proof), .. concepts];
    }

    private static string Beginning(string content)
    {
        if (content.Length <= MaxCharacters)
        {
            return content;
        }

        return content[..(char.IsHighSurrogate(content[MaxCharacters - 1]) ? MaxCharacters - 1 : MaxCharacters)];
    }
}
