using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sutra.Api.Calibration;

/// <summary>
/// The probability that an answer is right: logistic regression over what was seen on the way to it. Its numbers are in <c>confidence.json</c>, with how they
/// were fitted; docs/asking.md has the reliability table.
/// </summary>
internal sealed class ConfidenceModel
{
    public static readonly ConfidenceModel Fitted = Read();

    private readonly FittedConfidence _numbers;

    private ConfidenceModel(FittedConfidence numbers) => _numbers = numbers;

    /// <summary>Below this there is no answer.</summary>
    public double Threshold => _numbers.Threshold;

    /// <summary>Of an answer computed from metadata.</summary>
    public double OfPlan(IReadOnlyDictionary<string, double> features) => Estimate(_numbers.Plan, features);

    /// <summary>Of sentences found.</summary>
    public double OfRetrieval(IReadOnlyDictionary<string, double> features) => Estimate(_numbers.Retrieval, features);

    private static double Estimate(IReadOnlyDictionary<string, double> weights, IReadOnlyDictionary<string, double> features)
    {
        var sum = weights.GetValueOrDefault("bias");
        foreach (var (name, value) in features)
        {
            sum += weights.GetValueOrDefault(name) * value;
        }

        return Math.Round(1 / (1 + Math.Exp(-sum)), 4);
    }

    private static ConfidenceModel Read()
    {
        using var stream = typeof(ConfidenceModel).Assembly.GetManifestResourceStream("confidence.json")!;
        return new ConfidenceModel(JsonSerializer.Deserialize(stream, ConfidenceJson.Default.FittedConfidence)!);
    }
}

/// <param name="How">How the numbers were come by.</param>
/// <param name="Plan">Weights by feature, and <c>bias</c>.</param>
internal sealed record FittedConfidence(
    string How, double Threshold, IReadOnlyDictionary<string, double> Plan, IReadOnlyDictionary<string, double> Retrieval);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FittedConfidence))]
internal sealed partial class ConfidenceJson : JsonSerializerContext;
