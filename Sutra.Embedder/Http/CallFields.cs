using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.PostProcessing;
using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Http;

/// <summary>The fields that say how texts are embedded: the same names and words on every route.</summary>
internal static class CallFields
{
    private static readonly (string, VectorType)[] Types =
    [
        ("float", VectorType.Float32), ("int8", VectorType.Int8), ("uint8", VectorType.UInt8), ("binary", VectorType.Binary), ("ubinary", VectorType.UBinary),
    ];

    // Voyage, NVIDIA and Cohere each have words of their own for the same two things.
    private static readonly (string, InputType)[] InputTypes =
    [
        ("query", InputType.Query), ("document", InputType.Document), ("passage", InputType.Document),
        ("search_query", InputType.Query), ("search_document", InputType.Document),
    ];

    private static readonly (string, TruncationSide)[] Sides = [("right", TruncationSide.Right), ("left", TruncationSide.Left)];

    private static readonly (string, Lane)[] Lanes = [("interactive", Lane.Interactive), ("bulk", Lane.Bulk)];

    private static readonly (string, ModelPreference)[] Preferences =
    [
        ("balanced", ModelPreference.Balanced), ("latency", ModelPreference.Latency), ("quality", ModelPreference.Quality),
    ];

    /// <summary>A call without its texts.</summary>
    public static EmbeddingCall ReadCall(this JsonFields fields) => new()
    {
        Model = fields.Text("model") is { Length: 0 } ? throw new RefusalException("model is empty: see /v1/models, or 'auto'.", "model") : fields.Text("model"),
        Preference = fields.Choice("preference", Preferences) ?? ModelPreference.Balanced,
        Dimensions = fields.Count("dimensions"),
        Type = ReadType(fields),
        InputType = fields.Choice("input_type", InputTypes) ?? InputType.None,
        PromptName = fields.Text("prompt_name"),
        Truncate = fields.Flag("truncate") ?? true,
        TruncationSide = fields.Choice("truncation_side", Sides) ?? fields.Choice("truncation_direction", Sides) ?? TruncationSide.Right,
        Lane = fields.Choice("priority", Lanes),
    };

    /// <summary>Whether vectors are to be base64.</summary>
    public static bool ReadBase64(this JsonFields fields) => fields.Choice("encoding_format", [("float", false), ("base64", true)]) ?? false;

    /// <summary>Whether a text that cannot be embedded fails alone.</summary>
    public static bool ReadFailsAlone(this JsonFields fields, bool byDefault) => fields.Choice("on_error", [("fail", false), ("item", true)]) ?? byDefault;

    private static VectorType ReadType(JsonFields fields)
    {
        var type = fields.Choice("embedding_type", Types);
        var alias = fields.Choice("output_dtype", Types);
        return type is null || alias is null || type == alias
            ? type ?? alias ?? VectorType.Float32
            : throw new RefusalException("embedding_type and output_dtype mean the same; they must not differ.", "output_dtype");
    }
}
