using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Embeddings;

/// <summary>Configuration section <c>Embeddings</c>.</summary>
public sealed class EmbeddingOptions
{
    public const string Section = "Embeddings";

    /// <summary>How long the embedder may take for one text; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it may take for one call of many texts, which wait behind single ones; default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan BatchDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Most texts of one call; default 256.</summary>
    [Range(1, 2048)]
    public int BatchTexts { get; set; } = 256;

    /// <summary>Most bytes of UTF-8 of one call's texts, unless it is one text alone; default 1 MiB.</summary>
    [Range(1024, 8 * 1024 * 1024)]
    public int BatchBytes { get; set; } = 1024 * 1024;

    /// <summary>Calls of many texts under way at once, over all callers; default 4: enough to keep the embedder busy while others are on their way.</summary>
    [Range(1, 64)]
    public int BatchCalls { get; set; } = 4;

    /// <summary>How often a call of many texts is made again when the embedder has no capacity; default 3.</summary>
    [Range(0, 20)]
    public int BatchRetries { get; set; } = 3;
}
