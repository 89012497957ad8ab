namespace Sutra.Embedder.Inference;

/// <summary>Who is served first.</summary>
public enum Lane
{
    /// <summary>Somebody waits for the answer: questions, single texts.</summary>
    Interactive,

    /// <summary>Nobody minds a second: documents to be learned, large lists, streams.</summary>
    Bulk,
}
