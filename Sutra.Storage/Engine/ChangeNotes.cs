using Sutra.Storage.Concepts;

namespace Sutra.Storage.Engine;

/// <summary>What changed since it was begun, in order: numbers from 1. Of each concept only the last change is kept.</summary>
/// <param name="most">It gives up beyond so many: nobody fetches them.</param>
internal sealed class ChangeNotes(int most = 8_000_000)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ConceptId, long> _last = [];
    private readonly List<Note> _notes = [];

    // The number before the first that is kept.
    private long _before;

    /// <summary>False: there were too many, and some are not known.</summary>
    public bool Complete { get; private set; } = true;

    /// <summary>Of the last change, be it published yet or not.</summary>
    public long Latest
    {
        get
        {
            lock (_lock)
            {
                return _before + _notes.Count;
            }
        }
    }

    /// <param name="sequence">Of the record that changes it.</param>
    public void Add(ConceptId id, ulong sequence)
    {
        lock (_lock)
        {
            if (!Complete || _notes.Count >= most)
            {
                GiveUp();
                return;
            }

            _notes.Add(new Note(id, null, sequence));
            _last[id] = _before + _notes.Count;
        }
    }

    /// <summary>An owner is being erased.</summary>
    public void AddErased(string owner)
    {
        lock (_lock)
        {
            _notes.Add(new Note(default, owner, 0));
        }
    }

    /// <summary>Changes after a number, which can all be read by now. Those up to it are forgotten.</summary>
    /// <param name="published">The last record that readers see.</param>
    /// <param name="limit">Of concepts and owners together.</param>
    /// <param name="upTo">The number to ask after next time.</param>
    public (IReadOnlyList<ConceptId> Ids, IReadOnlyList<string> ErasedOwners) After(long after, ulong published, int limit, out long upTo)
    {
        lock (_lock)
        {
            var forget = (int)Math.Clamp(after - _before, 0, _notes.Count);
            for (var i = 0; i < forget; i++)
            {
                if (_notes[i].Owner is null && _last.GetValueOrDefault(_notes[i].Id) == _before + i + 1)
                {
                    _last.Remove(_notes[i].Id);
                }
            }

            _notes.RemoveRange(0, forget);
            _before += forget;
            var ids = new List<ConceptId>();
            var owners = new List<string>();
            var number = 0;
            for (; number < _notes.Count && ids.Count + owners.Count < limit; number++)
            {
                var note = _notes[number];
                if (note.Sequence > published)
                {
                    break;
                }

                if (note.Owner is { } owner)
                {
                    owners.Add(owner);
                }
                else if (_last[note.Id] == _before + number + 1)
                {
                    ids.Add(note.Id);
                }
            }

            upTo = _before + number;
            return (ids, owners);
        }
    }

    private void GiveUp()
    {
        Complete = false;
        _notes.Clear();
        _last.Clear();
    }

    private readonly record struct Note(ConceptId Id, string? Owner, ulong Sequence);
}
