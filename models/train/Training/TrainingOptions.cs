namespace Sutra.Models.Train.Training;

/// <summary>The recipe. Defaults are what a study of static models found best on this kind of corpus.</summary>
public sealed record TrainingOptions
{
    /// <summary>Times through the corpus.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Pairs per step, each a negative of all others; a multiple of 16. Default 1024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Lengths of the vector's beginning that shall work alone, ascending multiples of 16; the last is the whole vector.</summary>
    public required IReadOnlyList<int> Prefixes { get; init; }

    /// <summary>Cosines are multiplied by this before the softmax; default 20.</summary>
    public float Scale { get; init; } = 20;

    /// <summary>Peak of the schedule; default 0.2. Only its ratio to the initial vectors' size matters.</summary>
    public float LearningRate { get; init; } = 0.2f;

    /// <summary>Part of all steps in which the rate rises to its peak; after that it falls to 0 in a straight line. Default 0.05.</summary>
    public float WarmUp { get; init; } = 0.05f;

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
