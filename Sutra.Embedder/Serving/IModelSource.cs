using Sutra.Embedder.Models;

namespace Sutra.Embedder.Serving;

/// <summary>Models that lie somewhere on this machine, ready to be loaded.</summary>
internal interface IModelSource
{
    /// <summary>Every model that can be asked for now; of one name first the one that the name alone means. A list that was given before says that nothing changed.</summary>
    IReadOnlyList<AvailableModel> List();
}

/// <summary>A model that lies on this machine.</summary>
/// <param name="Name">What callers ask for.</param>
/// <param name="Path">Its folder.</param>
/// <param name="Revision">As <see cref="ModelIdentity.Revision"/>; null: not known before it is loaded.</param>
/// <param name="OnUse">Called when it is loaded, and at times while it is used.</param>
/// <param name="Hints">What its files may leave unsaid, such as the prompts of models that are older than the file for them.</param>
/// <param name="Precision">Which of its graphs; null: the most precise.</param>
/// <param name="Commit">Of the repository that it is from; another name for the revision.</param>
internal sealed record AvailableModel(
    string Name,
    string Path,
    string? Revision = null,
    Action? OnUse = null,
    ModelHints? Hints = null,
    ModelPrecision? Precision = null,
    string? Commit = null)
{
    public string FullPath { get; } = System.IO.Path.GetFullPath(Path, AppContext.BaseDirectory);

    /// <summary>What tells its place in memory from others'.</summary>
    public ModelPlace Place => new(Name, FullPath, Precision);

    /// <exception cref="ModelException">It is not whole.</exception>
    public ModelFolder Open() => ModelFolder.Open(Path, Precision, Hints);
}

/// <summary>Where a model is read from, and under which name.</summary>
/// <param name="Folder">Full path.</param>
/// <param name="Precision">Which of its graphs; null: the most precise.</param>
internal readonly record struct ModelPlace(string Name, string Folder, ModelPrecision? Precision);
