namespace Sutra.Embedder.Inference;

/// <summary>A text's vector.</summary>
/// <param name="Values">Unit length (L2); as many as the model has dimensions.</param>
/// <param name="TokenCount">Tokens the model read, special ones included.</param>
/// <param name="Truncated">The text was longer than the model reads, and was cut.</param>
public readonly record struct TextEmbedding(float[] Values, int TokenCount, bool Truncated);
