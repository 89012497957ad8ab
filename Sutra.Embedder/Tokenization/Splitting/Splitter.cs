using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>A step that splits pieces into smaller ones; added tokens stay what they are. Thread-safe.</summary>
internal abstract class Splitter
{
    /// <summary>Whether it asks where in the original text a piece stands.</summary>
    public virtual bool NeedsOrigins => false;

    /// <summary>Whether it changes the text too.</summary>
    public virtual bool Rewrites => false;

    /// <summary>Reads the workspace's pieces and swaps in smaller ones.</summary>
    public virtual void Split(Workspace workspace)
    {
        var (source, target) = (workspace.Pieces, workspace.SparePieces);
        target.Clear();
        for (var i = 0; i < source.Count; i++)
        {
            var piece = source[i];
            if (piece.Id >= 0)
            {
                target.Add(piece.Start, piece.Stop, piece.Id);
            }
            else
            {
                Split(workspace, piece.Start, piece.Stop, target);
            }
        }

        workspace.SwapPieces();
    }

    /// <summary>Adds what the text between <paramref name="start"/> and <paramref name="stop"/> is split into.</summary>
    protected virtual void Split(Workspace workspace, int start, int stop, PieceList target) => target.Add(start, stop);
}

/// <summary>One step after the other.</summary>
internal sealed class SplitterSequence(IReadOnlyList<Splitter> steps) : Splitter
{
    private readonly Splitter[] _steps = [.. steps];

    public override bool NeedsOrigins => _steps.Any(step => step.NeedsOrigins);

    public override bool Rewrites => _steps.Any(step => step.Rewrites);

    public override void Split(Workspace workspace)
    {
        foreach (var step in _steps)
        {
            step.Split(workspace);
        }
    }
}
