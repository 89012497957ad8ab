using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

// While another collection is made to take this one's place.
public sealed partial class ConceptEngine
{
    /// <summary>All that an engine makes in its folder.</summary>
    internal static IReadOnlyList<string> Folders { get; } = ["log", SegmentNames.Folder];

    /// <summary>From when it returns on, every change is noted.</summary>
    internal async Task<ChangeNotes> NoteChangesAsync()
    {
        var notes = new ChangeNotes();
        await ChangeAsync(() => _state.Notes = notes).ConfigureAwait(false);
        return notes;
    }

    internal void StopNoting() => _state.Notes = null;

    /// <summary>The last change that readers see; every change before this call is one of them.</summary>
    internal ulong Published => _state.Changes;

    /// <summary>When it returns, no change is under way, and none is taken until <paramref name="until"/> ends.</summary>
    internal Task HoldAsync(Task until) => ChangeAsync(() => _state.Hold(until));

    /// <summary>Who reads or changes from now on is to ask the collection that has the name. What is under way ends well.</summary>
    internal void Retire() => _state.Retire();
}
