namespace Sutra.Embedder.Tokenization.Text;

/// <summary>Lends workspaces; without locks, and as many as threads ask for at once.</summary>
internal sealed class WorkspacePool
{
    private readonly Workspace?[] _idle = new Workspace?[Math.Max(4, Environment.ProcessorCount)];

    public Workspace Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } workspace)
            {
                return workspace;
            }
        }

        return new Workspace();
    }

    /// <summary>One too many is left to the garbage collector; one that is kept may lie here long, and keeps nothing large.</summary>
    public void Return(Workspace workspace)
    {
        workspace.Clear();
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], workspace, null) is null)
            {
                return;
            }
        }
    }
}
