namespace Sutra.Contracts.Api;

/// <summary>What became of the wish that a language model writes the answer.</summary>
/// <param name="Outcome">One of <see cref="GenerationOutcomes"/>.</param>
/// <param name="Code">Why not all of it is the model's, for programs; null when it is.</param>
/// <param name="Reason">The same in words.</param>
/// <param name="Model">The model that was asked.</param>
/// <param name="DroppedSentences">How many the model wrote that are left out because the evidence does not say them.</param>
public sealed record QueryGeneration(string Outcome, string? Code, string? Reason, string Model, int DroppedSentences = 0);

public static class GenerationOutcomes
{
    /// <summary>The model wrote the answer, and the evidence says all of it.</summary>
    public const string Generated = "generated";

    /// <summary>As <see cref="Generated"/>, but something that the model wrote was left out, or it did not come to its end.</summary>
    public const string Partial = "partial";

    /// <summary>The answer is the one that there is without a model.</summary>
    public const string Extractive = "extractive";

    /// <summary>There is no answer, so the model was not asked.</summary>
    public const string NotAsked = "not_asked";
}
