using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sutra.Examples.Finance;

/// <param name="Features">What the confidence of an answer follows from, by name.</param>
public sealed record ConfidenceSample(bool IsRetrieval, IReadOnlyDictionary<string, double> Features, bool IsRight);

/// <summary>
/// Finds how sure answers are by judged ones: weights by logistic regression (gradient descent with momentum, L2 towards the weights that the file has), and writes them as the API's
/// <c>Calibration/confidence.json</c>.
/// </summary>
public static class ConfidenceFit
{
    /// <summary>Fewer right or wrong ones say too little: the weights stay as they were.</summary>
    public const int MinSamples = 20;

    private const double Penalty = 0.001;
    private const int Steps = 10_000;
    private const double Rate = 0.2;
    private const double Momentum = 0.9;

    /// <param name="file">Read, and written.</param>
    /// <param name="how">The questions that were asked.</param>
    /// <returns>What was done, in words.</returns>
    public static string Write(IReadOnlyList<ConfidenceSample> samples, string file, string how)
    {
        var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        var said = new List<string>();
        foreach (var (name, isRetrieval) in new[] { ("plan", false), ("retrieval", true) })
        {
            var own = samples.Where(sample => sample.IsRetrieval == isRetrieval).ToList();
            var right = own.Count(sample => sample.IsRight);
            var isEnough = right >= MinSamples && own.Count - right >= MinSamples;
            if (isEnough)
            {
                var before = json[name]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<double>(), StringComparer.Ordinal);
                json[name] = JsonSerializer.SerializeToNode(Fit(own, before));
            }

            said.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {own.Count} answers, {right} right{(isEnough ? "" : ", too few right or wrong ones: set by hand")}"));
        }

        json["how"] = $"{how}; logistic regression, L2 {Penalty.ToString(CultureInfo.InvariantCulture)} from what was set by hand; {string.Join("; ", said)}";
        File.WriteAllText(file, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        return string.Join("; ", said);
    }

    private static SortedDictionary<string, double> Fit(IReadOnlyList<ConfidenceSample> samples, IReadOnlyDictionary<string, double> before)
    {
        // What the questions do not show stays as it was.
        var names = samples.SelectMany(sample => sample.Features.Keys).Concat(before.Keys.Where(name => name != "bias")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var rows = samples.Select(sample => names.Select(name => sample.Features.GetValueOrDefault(name)).Append(1).ToArray()).ToArray();
        var start = names.Select(name => before.GetValueOrDefault(name)).Append(before.GetValueOrDefault("bias")).ToArray();
        var weights = start.ToArray();
        var speed = new double[weights.Length];
        var slope = new double[weights.Length];
        for (var step = 0; step < Steps; step++)
        {
            for (var i = 0; i < slope.Length; i++)
            {
                slope[i] = i < names.Count ? Penalty * (weights[i] - start[i]) : 0;
            }

            for (var r = 0; r < rows.Length; r++)
            {
                var sum = 0.0;
                for (var i = 0; i < weights.Length; i++)
                {
                    sum += rows[r][i] * weights[i];
                }

                var error = ((1 / (1 + Math.Exp(-sum))) - (samples[r].IsRight ? 1 : 0)) / rows.Length;
                for (var i = 0; i < slope.Length; i++)
                {
                    slope[i] += error * rows[r][i];
                }
            }

            for (var i = 0; i < weights.Length; i++)
            {
                speed[i] = (Momentum * speed[i]) - (Rate * slope[i]);
                weights[i] += speed[i];
            }
        }

        var fitted = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["bias"] = Math.Round(weights[^1], 4) };
        for (var i = 0; i < names.Count; i++)
        {
            fitted[names[i]] = Math.Round(weights[i], 4);
        }

        return fitted;
    }
}
