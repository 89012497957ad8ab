using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Reembedding;

/// <summary>Concepts that are embedded and learned together: at most 256, and 4 MiB of UTF-16 unless one alone is more.</summary>
internal sealed class ConceptBatch
{
    private const int Most = 256;
    private const int MostCharacters = 2 * 1024 * 1024;

    private List<Concept> _concepts = [];
    private int _characters;

    /// <returns>False: it is full.</returns>
    public bool TryAdd(Concept concept)
    {
        if (_concepts.Count > 0 && (_concepts.Count == Most || _characters + concept.Content.Length > MostCharacters))
        {
            return false;
        }

        _concepts.Add(concept);
        _characters += concept.Content.Length;
        return true;
    }

    /// <summary>What is in it; it is empty afterwards.</summary>
    public IReadOnlyList<Concept> Take()
    {
        var taken = _concepts;
        (_concepts, _characters) = ([], 0);
        return taken;
    }
}
