namespace Sutra.Api.Embeddings;

/// <summary>A text's vector, of unit length, and the identity of the model that made it.</summary>
internal sealed record Embedded(float[] Vector, string Model);

/// <summary>What the embedder serves.</summary>
/// <param name="Identity">Changes whenever the same text could give another vector.</param>
internal sealed record ServedModel(string Identity, int Dimensions);
