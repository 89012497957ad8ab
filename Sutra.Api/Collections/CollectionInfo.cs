namespace Sutra.Api.Collections;

/// <summary>What a request has to know of the collection that it is for.</summary>
/// <param name="Name">Its own name, whichever alias it was asked by.</param>
/// <param name="Id">No other collection ever has it; empty for the default one that came with the data folder.</param>
/// <param name="EmbeddingModel">Identity (<c>name@revision</c>) of the only model whose vectors it takes; null: any, so the embedder's default.</param>
/// <param name="Dimensions">The only size of vectors that it takes; 0: all that the model gives.</param>
/// <param name="Concepts">How many there were when it was looked up.</param>
internal sealed record CollectionInfo(string Name, string Id, string? EmbeddingModel, int Dimensions, long Concepts)
{
    /// <summary>The name of the collection that is meant where none is named.</summary>
    public const string Default = "default";
}
