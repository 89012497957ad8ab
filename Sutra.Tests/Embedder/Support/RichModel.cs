using System.Text.Json;

namespace Sutra.Tests.Embedder.Support;

/// <summary><see cref="TestModel"/> with prompts, and trained (so its files say) to be cut to 16 and 8 components.</summary>
internal static class RichModel
{
    public const string Name = "tiny-bert";
    public const string QueryPrompt = "hello ";

    /// <summary>Writes it and returns its folder.</summary>
    public static string Write(string folder, int layers = 1, int maxTokens = 64)
    {
        TestModel.Write(folder, layers, maxTokens);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "bert",
            ["max_position_embeddings"] = maxTokens,
            ["vocab_size"] = TestModel.Vocabulary.Count,
            ["hidden_size"] = TestModel.Hidden,
            ["matryoshka_dimensions"] = new[] { TestModel.Hidden, 16, 8 },
        }));
        File.WriteAllText(
            Path.Combine(folder, "config_sentence_transformers.json"),
            $$"""{"prompts": {"query": "{{QueryPrompt}}", "document": "world "}, "default_prompt_name": null}""");
        return folder;
    }
}
