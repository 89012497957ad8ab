using Sutra.Embedder.Http;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Bulk;

/// <summary>How all texts of a stream are embedded: the fields of <c>/v1/embeddings</c>, from the query of the address.</summary>
/// <param name="Call">Without its texts.</param>
/// <param name="Base64">Vectors are to be base64.</param>
internal sealed record StreamSettings(EmbeddingCall Call, bool Base64)
{
    public static string[] Names { get; } =
    [
        "model", "preference", "dimensions", "encoding_format", "input_type", "prompt_name", "truncate", "truncation_side", "truncation_direction",
        "embedding_type", "output_dtype", "priority",
    ];

    public static StreamSettings Read(IQueryCollection query) =>
        QueryFields.Read(query, Names, static fields => new StreamSettings(fields.ReadCall(), fields.ReadBase64()));
}
