using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Normalization;

/// <summary>A step that changes text before it is split. Thread-safe.</summary>
internal abstract class Normalizer
{
    /// <summary>Reads the workspace's text, and swaps in another unless there is nothing to change.</summary>
    public abstract void Normalise(Workspace workspace);
}

/// <summary>One step after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<Normalizer> steps) : Normalizer
{
    private readonly Normalizer[] _steps = [.. steps];

    public override void Normalise(Workspace workspace)
    {
        foreach (var step in _steps)
        {
            step.Normalise(workspace);
        }
    }
}
