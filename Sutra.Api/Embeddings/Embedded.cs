using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Embeddings;

/// <summary>A text's vector, of unit length, and the identity of the model that made it.</summary>
/// <param name="Truncated">The text was longer than the model reads: the vector is that of its beginning.</param>
internal sealed record Embedded(float[] Vector, string Model, bool Truncated);

/// <summary>What the embedder serves.</summary>
/// <param name="Identity">Changes whenever the same text could give another vector.</param>
/// <param name="Cache">Where it keeps vectors now.</param>
internal sealed record ServedModel(string Identity, int Dimensions, CacheLevels Cache);
