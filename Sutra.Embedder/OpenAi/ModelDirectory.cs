using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.OpenAi;

/// <summary>Every model that can be asked for, with what is known of it.</summary>
internal sealed class ModelDirectory(ModelHost host)
{
    /// <summary>The default model first, then by name.</summary>
    public IReadOnlyList<OpenAiModel> List() =>
        [.. host.Models().Select(model => Describe(model.Known, model.Loaded)).OrderByDescending(model => model.Default).ThenBy(model => model.Id, StringComparer.Ordinal)];

    /// <param name="id">Name, <c>name@revision</c> or <c>name@commit</c>.</param>
    public OpenAiModel? Find(string id) => host.Find(id) is var (known, loaded) ? Describe(known, loaded) : null;

    private OpenAiModel Describe(KnownModel known, LoadedModel? loaded) => new(
        known.Name,
        "model",
        loaded?.Written.ToUnixTimeSeconds() ?? Math.Max(0, new DateTimeOffset(Directory.GetLastWriteTimeUtc(known.Model.FullPath)).ToUnixTimeSeconds()),
        "sutra",
        known.Revision,
        known.Commits,
        (loaded?.Folder.Onnx.Precision ?? known.Model.Precision)?.ToName(),
        loaded?.Dimensions,
        loaded?.LegalDimensions,
        loaded?.MaxTokens,
        loaded is null ? null : [.. loaded.Folder.Prompts.Keys.Order(StringComparer.Ordinal)],
        Loaded: loaded is not null,
        host.IsDefault(known));
}
