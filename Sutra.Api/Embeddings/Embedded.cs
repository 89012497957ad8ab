namespace Sutra.Api.Embeddings;

/// <summary>A text's vector, of unit length, and the identity of the model that made it.</summary>
/// <param name="Truncated">The text was longer than the model reads: the vector is that of its beginning.</param>
internal sealed record Embedded(float[] Vector, string Model, bool Truncated);

/// <summary>What the caches keep of an <see cref="Embedded"/>; the model is part of the key.</summary>
internal sealed record CachedVector(float[] Vector, bool Truncated);

/// <summary>What the embedder serves.</summary>
/// <param name="Identity">Changes whenever the same text could give another vector.</param>
internal sealed record ServedModel(string Identity, int Dimensions);
