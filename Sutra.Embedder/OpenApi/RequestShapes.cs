using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Sutra.Embedder.OpenApi;

// Bodies are read by hand, for speed and for errors that say what is wrong; these say to the OpenAPI document what they are.

[JsonConverter(typeof(JsonStringEnumConverter<EncodingFormat>))]
internal enum EncodingFormat
{
    [JsonStringEnumMemberName("float")]
    Float,
    [JsonStringEnumMemberName("base64")]
    Base64,
}

[JsonConverter(typeof(JsonStringEnumConverter<ComponentType>))]
internal enum ComponentType
{
    [JsonStringEnumMemberName("float")]
    Float,
    [JsonStringEnumMemberName("int8")]
    Int8,
    [JsonStringEnumMemberName("uint8")]
    UInt8,
    [JsonStringEnumMemberName("binary")]
    Binary,
    [JsonStringEnumMemberName("ubinary")]
    UBinary,
}

[JsonConverter(typeof(JsonStringEnumConverter<TextPurpose>))]
internal enum TextPurpose
{
    [JsonStringEnumMemberName("query")]
    Query,
    [JsonStringEnumMemberName("document")]
    Document,
    [JsonStringEnumMemberName("passage")]
    Passage,
}

[JsonConverter(typeof(JsonStringEnumConverter<Side>))]
internal enum Side
{
    [JsonStringEnumMemberName("right")]
    Right,
    [JsonStringEnumMemberName("left")]
    Left,
}

[JsonConverter(typeof(JsonStringEnumConverter<LaneName>))]
internal enum LaneName
{
    [JsonStringEnumMemberName("interactive")]
    Interactive,
    [JsonStringEnumMemberName("bulk")]
    Bulk,
}

[JsonConverter(typeof(JsonStringEnumConverter<PreferenceName>))]
internal enum PreferenceName
{
    [JsonStringEnumMemberName("balanced")]
    Balanced,
    [JsonStringEnumMemberName("latency")]
    Latency,
    [JsonStringEnumMemberName("quality")]
    Quality,
}

[JsonConverter(typeof(JsonStringEnumConverter<OnError>))]
internal enum OnError
{
    [JsonStringEnumMemberName("fail")]
    Fail,
    [JsonStringEnumMemberName("item")]
    Item,
}

/// <summary>A text, a list of texts, a list of token ids, or a list of such lists.</summary>
internal sealed record TextOrTokens;

/// <summary>A text or a list of texts.</summary>
internal sealed record TextOrTexts;

/// <summary>A list of token ids, or a list of such lists.</summary>
internal sealed record TokenLists;

/// <summary>Numbers, or base64 of the components' bytes; null where there is an error instead.</summary>
internal sealed record Vector;

/// <summary>A string or a number.</summary>
internal sealed record LineId;

/// <summary>What every route that embeds takes.</summary>
internal abstract record CallShape
{
    [Description("What a text is for; models that were trained with prefixes get theirs. search_query and search_document are taken, too.")]
    public TextPurpose? InputType { get; init; }

    [Description("One of the model's own prompts, by name; wins over input_type.")]
    public string? PromptName { get; init; }

    [Description("Size of the vectors: one of the model's allowed_dimensions. Default: all that the model gives.")]
    [Range(1, int.MaxValue)]
    public int? Dimensions { get; init; }

    [Description("Default true; false: a text that is longer than the model reads is an error instead of being cut.")]
    public bool? Truncate { get; init; }

    [Description("Which end of a text that is too long stays unread; default right.")]
    public Side? TruncationSide { get; init; }

    [Description("What the components are given as; default float.")]
    public ComponentType? EmbeddingType { get; init; }

    [Description("Who is served first; default: by the number of texts.")]
    public LaneName? Priority { get; init; }

    [Description("Which model \"auto\" means; default balanced.")]
    public PreferenceName? Preference { get; init; }
}

internal sealed record EmbeddingsBody(
    [property: Description("Name, name@revision, name@commit, or auto.")] string Model,
    [property: Description("At most 2048 texts or lists of token ids.")] TextOrTokens Input) : CallShape
{
    [Description("Default float.")]
    public EncodingFormat? EncodingFormat { get; init; }

    [Description("Default fail: one bad text fails the request; item: it has an error in its item.")]
    public OnError? OnError { get; init; }

    [Description("Taken and not used.")]
    public string? User { get; init; }
}

internal sealed record BatchBody([property: Description("At most Embedder:MaxBatchTexts texts.")] TextOrTexts Input) : CallShape
{
    [Description("Default: the default model.")]
    public string? Model { get; init; }

    [Description("Default float.")]
    public EncodingFormat? EncodingFormat { get; init; }
}

internal sealed record StreamText([property: Description("Echoed in the answer.")] LineId? Id, string Text);

internal sealed record EmbedBody(TextOrTokens Inputs) : CallShape
{
    public string? Model { get; init; }

    [Description("Default true: vectors of unit length (L2).")]
    public bool? Normalize { get; init; }
}

internal sealed record TokenizeBody(TextOrTexts Inputs)
{
    public string? Model { get; init; }

    public bool? AddSpecialTokens { get; init; }

    public string? PromptName { get; init; }
}

internal sealed record DecodeBody(TokenLists Ids)
{
    public string? Model { get; init; }

    public bool? SkipSpecialTokens { get; init; }
}

internal sealed record SimilarityBody(string SourceSentence, IReadOnlyList<string> Sentences) : CallShape
{
    public string? Model { get; init; }
}
