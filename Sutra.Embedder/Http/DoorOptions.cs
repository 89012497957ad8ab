using System.ComponentModel.DataAnnotations;

namespace Sutra.Embedder.Http;

/// <summary>What the routes and calls take. Section <c>Embedder</c>.</summary>
public sealed class DoorOptions
{
    /// <summary>Most texts of one <c>embeddings/batch</c>; default 100000. The body's own limit counts, too.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Embedder:MaxBatchTexts must be 1 to 10000000.")]
    public int MaxBatchTexts { get; set; } = 100_000;

    /// <summary>Largest line of <c>embeddings/stream</c> in bytes; default 256 KiB.</summary>
    [Range(256, 4 << 20, ErrorMessage = "Embedder:MaxLineBytes must be 256 to 4194304.")]
    public int MaxLineBytes { get; set; } = 256 << 10;

    /// <summary>
    /// How long <c>embeddings/stream</c> waits for a whole line while nothing of the caller's is under way, and for a caller who
    /// does not read; default 60 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00", ErrorMessage = "Embedder:StreamIdle must be 100 ms to 1 hour.")]
    public TimeSpan StreamIdle { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Most bytes of JSON bodies and gRPC messages that are under way at a time, over all requests; further ones get 429 or RESOURCE_EXHAUSTED. Default 128 MiB.</summary>
    [Range(1 << 20, 1L << 40, ErrorMessage = "Embedder:MaxBodyBytesUnderWay must be 1 MiB or more.")]
    public long MaxBodyBytesUnderWay { get; set; } = 128 << 20;

    /// <summary>A body that has come at under 240 bytes a second for this long is given up with 408; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01.100", "00:10:00", ErrorMessage = "Embedder:BodyGrace must be 1.1 s to 10 minutes.")]
    public TimeSpan BodyGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest text, in UTF-16 units over all texts of a request, that <c>/tokenize</c> takes; default 1000000.</summary>
    [Range(1, 100_000_000, ErrorMessage = "Embedder:MaxTokenizeLength must be 1 to 100000000.")]
    public int MaxTokenizeLength { get; set; } = 1_000_000;
}
