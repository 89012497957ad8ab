using Sutra.Embedder.Models;

namespace Sutra.Embedder.Pipeline;

/// <summary>What a model wants before a text, by what the text is for.</summary>
internal static class Prefixes
{
    // sentence-transformers' names for its two standard prompts, and those that models used before there was a standard.
    private static readonly string[] QueryNames = ["query", "search_query"];
    private static readonly string[] DocumentNames = ["document", "passage", "search_document"];

    /// <exception cref="CallException">The model has no prompt of the name that was asked for.</exception>
    public static string For(ModelFolder folder, EmbeddingCall call)
    {
        if (call.PromptName is { } name)
        {
            return folder.Prompts.TryGetValue(name, out var prompt)
                ? prompt
                : throw new CallException("prompt_name", folder.Prompts.Count == 0
                    ? "prompt_name: this model has no prompts."
                    : $"prompt_name must be one of this model's prompts: {string.Join(", ", folder.Prompts.Keys.Order(StringComparer.Ordinal))}.");
        }

        var names = call.InputType switch
        {
            InputType.Query => QueryNames,
            InputType.Document => DocumentNames,
            _ => folder.DefaultPrompt is { } byDefault ? [byDefault] : [],
        };
        foreach (var candidate in names)
        {
            if (folder.Prompts.TryGetValue(candidate, out var prompt))
            {
                return prompt;
            }
        }

        return "";
    }
}
