using Sutra.Models.Eval.Sets;

namespace Sutra.Models.Eval.Systems;

/// <summary>Texts to vectors.</summary>
internal interface IEmbeddingSystem
{
    /// <summary>As reports show it.</summary>
    string Name { get; }

    /// <summary>Lengths at which vectors are compared, rising; the last is the whole vector.</summary>
    IReadOnlyList<int> Cuts { get; }

    /// <summary>One vector per text, of any length; zeros for a text of which nothing is known.</summary>
    VectorTable Embed(IReadOnlyList<string> texts);

    /// <summary>One vector per query of a set, to be compared with those of its documents; as other texts, unless the system knows better.</summary>
    VectorTable EmbedQueries(IndexedSet indexed) => Embed([.. indexed.Set.Queries.Select(q => q.Text)]);
}
