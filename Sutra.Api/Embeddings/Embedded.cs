using Google.Protobuf.Collections;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Embeddings;

/// <summary>A text's vector, of unit length, and the identity of the model that made it.</summary>
/// <param name="Truncated">The text was longer than the model reads: the vector is that of its beginning.</param>
internal sealed record Embedded(float[] Vector, string Model, bool Truncated);

/// <summary>One of many texts: its vector, or why there is none.</summary>
/// <param name="Vector">Of unit length, as it came, so that it can be sent on without a copy; null when there is a <paramref name="Fault"/>.</param>
/// <param name="Model">Identity of the model; empty when there is none.</param>
/// <param name="Truncated">The text was longer than the model reads: the vector is that of its beginning.</param>
internal readonly record struct EmbeddedText(RepeatedField<float>? Vector, string Model, bool Truncated, EmbeddingFault? Fault);

/// <summary>Why a text has no vector.</summary>
/// <param name="Code">The embedder's word for it (<c>nothing_known</c>, <c>timed_out</c>...), or <c>embedder_unavailable</c>.</param>
/// <param name="Message">For people; repeats nothing of the text.</param>
/// <param name="Retryable">It was not the text's fault.</param>
internal sealed record EmbeddingFault(string Code, string Message, bool Retryable);

/// <summary>Where a token is in its text, in code points; <paramref name="Stop"/> is exclusive.</summary>
internal readonly record struct TokenSpan(int Start, int Stop);

/// <summary>What the embedder serves.</summary>
/// <param name="Identity">Changes whenever the same text could give another vector.</param>
/// <param name="Cache">Where it keeps vectors now.</param>
internal sealed record ServedModel(string Identity, int Dimensions, CacheLevels Cache);
