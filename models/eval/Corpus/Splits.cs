using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Eval.Corpus;

/// <summary>The splits of <c>splits.json</c> that mean something here.</summary>
internal static class Splits
{
    /// <summary>The sources that weights are tuned on, whatever the split; training may see them.</summary>
    public const string Tuning = "dev";

    /// <summary>Terms and glosses: there a query may be a single word.</summary>
    public const string Dictionary = "dictionary";

    /// <exception cref="InvalidDataException">As <see cref="Split.Read"/>; or the split is empty.</exception>
    public static IReadOnlyList<string> Read(string path, string name) =>
        Split.Read(path, name) is { Count: > 0 } sources ? sources : throw new InvalidDataException($"{path}: split \"{name}\" is empty.");
}
