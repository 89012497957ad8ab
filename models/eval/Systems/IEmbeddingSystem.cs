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
}
