using Sutra.Storage.Concepts;

namespace Sutra.Storage.Engine;

// While another collection is made to take this one's place.
internal sealed partial class ConceptState
{
    // Writer thread only: changes are refused until it ends.
    private Task? _held;
    private volatile ChangeNotes? _notes;
    private volatile bool _retired;

    /// <summary>What changes is noted in it; null: nowhere. Begun on the writer thread.</summary>
    public ChangeNotes? Notes
    {
        get => _notes;
        set => _notes = value;
    }

    /// <summary>On the writer thread: from here on changes are refused until <paramref name="until"/> ends, or null is said.</summary>
    public void Hold(Task? until) => _held = until;

    /// <summary>Null when changes are taken. On the writer thread.</summary>
    public CollectionMovingException? Moving => _held is { IsCompleted: false } until ? new CollectionMovingException(until) : _retired ? Moved() : null;

    /// <summary>Another collection has its name: who comes from now on is to ask that one.</summary>
    public void Retire() => _retired = true;

    private void Note(ConceptId id, ulong sequence) => _notes?.Add(id, sequence);

    private static CollectionMovingException Moved() => new(Task.CompletedTask);
}
