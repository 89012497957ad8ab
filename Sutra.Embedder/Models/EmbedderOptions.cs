using System.ComponentModel.DataAnnotations;

namespace Sutra.Embedder.Models;

/// <summary>Configuration section <c>Embedder</c>.</summary>
public sealed class EmbedderOptions : IValidatableObject
{
    public const string Section = "Embedder";

    /// <summary>Most texts that one request may carry, as in the OpenAI API.</summary>
    public const int MaxTextsPerRequest = 2048;

    /// <summary>Folder of the model, absolute or relative to the program's own folder; default: the built-in model.</summary>
    [Required(ErrorMessage = "Embedder:ModelPath is empty: it must name the folder of a model.")]
    public string ModelPath { get; set; } = "models/sutra-static";

    /// <summary>The name that the model is served under; default: the name of its folder.</summary>
    public string? ModelName { get; set; }

    /// <summary>Which of the model's graphs is run, e.g. <c>Int8</c>; default: the most precise that its folder has.</summary>
    public ModelPrecision? Precision { get; set; }

    /// <summary>Texts are embedded on this many threads at once; default 0: one per core.</summary>
    [Range(0, 1024, ErrorMessage = "Embedder:Workers must be 0 (one per core) to 1024.")]
    public int Workers { get; set; }

    /// <summary>How many texts may wait; more are refused with 429 / RESOURCE_EXHAUSTED; default 8192.</summary>
    public int QueueCapacity { get; set; } = 8192;

    /// <summary>Most tokens, padding included, that texts are packed into for one run; default 256. A longer text runs alone.</summary>
    [Range(1, 65536, ErrorMessage = "Embedder:BatchTokens must be 1 to 65536.")]
    public int BatchTokens { get; set; } = 256;

    /// <summary>Most padding that packing may cost, as a share of the real tokens; default 0.1.</summary>
    [Range(0.0, 10.0, ErrorMessage = "Embedder:BatchPadding must be 0 to 10.")]
    public double BatchPadding { get; set; } = 0.1;

    /// <summary>Most texts in one run; default 256; 1 switches packing off.</summary>
    [Range(1, 4096, ErrorMessage = "Embedder:BatchTexts must be 1 to 4096.")]
    public int BatchTexts { get; set; } = 256;

    /// <summary>Pack dynamically quantised models, too; default off, because a text's vector would then depend on the texts beside it.</summary>
    public bool PackDynamicallyQuantised { get; set; }

    /// <summary>As <see cref="BatchTokens"/>, where models run on a GPU, which wants large batches; default 16384.</summary>
    [Range(1, 1 << 20, ErrorMessage = "Embedder:GpuBatchTokens must be 1 to 1048576.")]
    public int GpuBatchTokens { get; set; } = 16384;

    /// <summary>As <see cref="BatchPadding"/>, on a GPU; default 0.25.</summary>
    [Range(0.0, 10.0, ErrorMessage = "Embedder:GpuBatchPadding must be 0 to 10.")]
    public double GpuBatchPadding { get; set; } = 0.25;

    /// <summary>An interactive request is refused (429) when what waits before it would take longer than this; default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00", ErrorMessage = "Embedder:InteractiveDelay must be 1 ms to 10 minutes.")]
    public TimeSpan InteractiveDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The same for bulk requests; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00", ErrorMessage = "Embedder:BulkDelay must be 1 ms to 10 minutes.")]
    public TimeSpan BulkDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A text that has waited this long is given up; default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Embedder:QueueDeadline must be 10 ms to 1 hour.")]
    public TimeSpan QueueDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests of up to this many texts are interactive unless they say otherwise, larger ones bulk; default 4.</summary>
    [Range(0, MaxTextsPerRequest, ErrorMessage = "Embedder:InteractiveTexts must be 0 to 2048.")]
    public int InteractiveTexts { get; set; } = 4;

    /// <summary>Most bytes that one call may get of its tokens' vectors, which are in memory together; default 64 MiB.</summary>
    [Range(1 << 10, 1 << 30, ErrorMessage = "Embedder:MaxTokenVectorBytes must be 1 KiB to 1 GiB.")]
    public int MaxTokenVectorBytes { get; set; } = 64 << 20;

    /// <summary>Largest body of an HTTP request in bytes; default 16 MiB.</summary>
    [Range(1024, 1 << 30, ErrorMessage = "Embedder:MaxBodyBytes must be 1 KiB to 1 GiB.")]
    public int MaxBodyBytes { get; set; } = 16 << 20;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (QueueCapacity is < MaxTextsPerRequest or > 1_000_000)
        {
            yield return new ValidationResult(
                $"Embedder:QueueCapacity must be {MaxTextsPerRequest} (the largest request) to 1000000.", [nameof(QueueCapacity)]);
        }
    }
}
