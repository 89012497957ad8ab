using System.Diagnostics;
using System.Globalization;
using Sutra.Contracts.Api;

namespace Sutra.Examples.Finance.Evaluate;

internal static class Asking
{
    public static async Task<Evaluation> RunAsync(ApiClient api, IReadOnlyList<OhlcvRow> rows, IReadOnlyList<FinanceQuestion> questions, bool showsWrong)
    {
        var evaluation = new Evaluation([.. rows.Select(row => row.Company).Distinct(StringComparer.Ordinal)]);
        var times = new List<double>();
        foreach (var question in questions)
        {
            var started = Stopwatch.GetTimestamp();
            var response = await api.QueryAsync(question.Text, explain: false);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (!evaluation.Add(question, Answer(response)) && showsWrong)
            {
                Console.WriteLine($"{question.Kind}{(question.IsHeldOut ? " (phrased last)" : "")}: {question.Text}");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {response.Kind} {response.Confidence}: {response.Answer ?? response.NoAnswerReason}"));
                Console.WriteLine($"   expected {string.Join(", ", question.Expected)} {question.Winner} {question.Beginning}");
            }
        }

        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one after the other: p50 {times[times.Count / 2]:F1} ms, p95 {times[(int)(times.Count * 0.95)]:F1} ms\n"));
        return evaluation;
    }

    public static GivenAnswer Answer(QueryResponse response) => Answer(response, response.Answer, response.Confidence, response.Values);

    public static GivenAnswer Answer(QueryResponse response, string? text, double confidence, IReadOnlyList<AnswerValue> values) => new(
        text,
        confidence,
        [.. values.Select(value => (value.Name, value.Value))],
        response.Evidence.Count > 0 && response.Evidence[0].Metadata is { } first ? (first.GetValueOrDefault("company", ""), first.GetValueOrDefault("date", "")) : null);
}
