namespace Sutra.Models.Train.Training;

/// <summary>The recipe. Defaults are what measured best on sources left out; the card of the built-in model has the figures.</summary>
public sealed record TrainingOptions
{
    /// <summary>Times through the corpus.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Pairs per step, each a negative of all others; a multiple of 16. Default 1024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Lengths of the vector's beginning that shall work alone, ascending multiples of 16; the last is the whole vector.</summary>
    public required IReadOnlyList<int> Prefixes { get; init; }

    /// <summary>How much each prefix counts in the loss, in their order; null (default) = all the same.</summary>
    public IReadOnlyList<float>? PrefixWeights { get; init; }

    /// <summary>Part of all steps after which a batch comes from one source, where sources are known; default 0.3, 1 = never.</summary>
    public double SameSourceFrom { get; init; } = 0.3;

    /// <summary>A piece that occurs n times in a text counts n^¾ times; default true, false: n times.</summary>
    public bool Saturate { get; init; } = true;

    /// <summary>Cosines are multiplied by this before the softmax; default 20.</summary>
    public float Scale { get; init; } = 20;

    /// <summary>Peak of the schedule; default 0.2. Only its ratio to the initial vectors' size matters.</summary>
    public float LearningRate { get; init; } = 0.2f;

    /// <summary>Part of all steps in which the rate rises to its peak; after that it falls to 0 in a straight line. Default 0.05.</summary>
    public float WarmUp { get; init; } = 0.05f;

    /// <summary>Part of the pairs that are drawn as a sentence against the rest of its text (see <see cref="Training.SpanQueries"/>); default 0.5.</summary>
    public double SpanQueries { get; init; } = 0.5;

    /// <summary>The piece that ends a sentence; −1 (default): sentences are not told apart.</summary>
    public int SentenceEnd { get; init; } = -1;

    /// <summary>Rows that training leaves as they are; default none.</summary>
    public IReadOnlySet<int> Frozen { get; init; } = new HashSet<int>();

    public ulong Seed { get; init; } = 1;

    /// <summary>Changes the speed, never the result.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <exception cref="ArgumentException">A size is no multiple of 16, or the prefixes do not ascend.</exception>
    public static void Check(TrainingOptions options)
    {
        if (options.BatchSize < Kernels.Tile || options.BatchSize % Kernels.Tile != 0)
        {
            throw new ArgumentException($"The batch size is {options.BatchSize}; it must be a multiple of {Kernels.Tile}.", nameof(options));
        }

        if (options.PrefixWeights is { } weights && (weights.Count != options.Prefixes.Count || weights.Any(w => w <= 0)))
        {
            throw new ArgumentException($"{options.Prefixes.Count} prefixes need as many weights above 0.", nameof(options));
        }

        var previous = 0;
        foreach (var prefix in options.Prefixes)
        {
            if (prefix <= previous || prefix % Kernels.Tile != 0)
            {
                throw new ArgumentException($"The dimensions {string.Join(", ", options.Prefixes)} must be ascending multiples of {Kernels.Tile}.", nameof(options));
            }

            previous = prefix;
        }
    }
}
