using System.Collections.ObjectModel;

namespace Sutra.Embedder.Models;

/// <summary>What is known of a model from elsewhere (its card, our catalog); its own files win where they say something.</summary>
/// <param name="MatryoshkaDimensions">Sizes that its vectors may be cut to.</param>
/// <param name="Prompts">What goes before a text, by the name that callers give: <c>query</c>, <c>document</c>.</param>
public sealed record ModelHints(IReadOnlyList<int> MatryoshkaDimensions, IReadOnlyDictionary<string, string> Prompts)
{
    public static ModelHints None { get; } = new([], ReadOnlyDictionary<string, string>.Empty);
}
