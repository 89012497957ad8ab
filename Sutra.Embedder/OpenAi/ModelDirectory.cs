using Sutra.Embedder.Inference;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.OpenAi;

/// <summary>Every model that can be asked for, with what is known of it.</summary>
internal sealed class ModelDirectory(ModelHost host)
{
    /// <summary>The default model first, then by name.</summary>
    public IReadOnlyList<OpenAiModel> List()
    {
        var models = host.Loaded().Select(Describe).ToList();
        foreach (var available in host.Available())
        {
            if (!models.Exists(model => model.Id == available.Name && (available.Revision is null || model.Revision == available.Revision)))
            {
                models.Add(Describe(available));
            }
        }

        return [.. models.OrderByDescending(model => model.Default).ThenBy(model => model.Id, StringComparer.Ordinal)];
    }

    /// <param name="id">Name or <c>name@revision</c>.</param>
    public OpenAiModel? Find(string id) => List().FirstOrDefault(model => model.Id == id || (model.Revision is not null && $"{model.Id}@{model.Revision}" == id));

    private OpenAiModel Describe(LoadedModel model) => new(
        model.Name,
        "model",
        model.Written.ToUnixTimeSeconds(),
        "sutra",
        model.Identity.Revision,
        model.Dimensions,
        model.LegalDimensions,
        model.MaxTokens,
        [.. model.Folder.Prompts.Keys.Order(StringComparer.Ordinal)],
        Loaded: true,
        model.Name == host.DefaultName);

    private OpenAiModel Describe(AvailableModel model) => new(
        model.Name,
        "model",
        Math.Max(0, new DateTimeOffset(Directory.GetLastWriteTimeUtc(Path.GetFullPath(model.Path, AppContext.BaseDirectory))).ToUnixTimeSeconds()),
        "sutra",
        model.Revision,
        null,
        null,
        null,
        null,
        Loaded: false,
        model.Name == host.DefaultName);
}
