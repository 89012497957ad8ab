using Sutra.Embedder.Models;

namespace Sutra.Embedder.Serving;

/// <summary>Models that lie somewhere on this machine, ready to be loaded.</summary>
internal interface IModelSource
{
    /// <summary>Every model that can be asked for now.</summary>
    IReadOnlyList<AvailableModel> List();
}

/// <summary>A model that lies on this machine.</summary>
/// <param name="Name">What callers ask for.</param>
/// <param name="Path">Its folder.</param>
/// <param name="Revision">Of its source, if known; callers may ask for <c>name@revision</c>.</param>
/// <param name="OnUse">Called when it is loaded, and at times while it is used.</param>
/// <param name="Hints">What its files may leave unsaid, such as the prompts of models that are older than the file for them.</param>
/// <param name="Precision">Which of its graphs; null: the most precise.</param>
internal sealed record AvailableModel(
    string Name, string Path, string? Revision = null, Action? OnUse = null, ModelHints? Hints = null, ModelPrecision? Precision = null)
{
    public string FullPath { get; } = System.IO.Path.GetFullPath(Path, AppContext.BaseDirectory);

    /// <exception cref="ModelException">It is not whole.</exception>
    public ModelFolder Open() => ModelFolder.Open(Path, Precision, Hints);
}
