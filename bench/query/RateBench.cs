using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Sutra.Bench.Query;

/// <summary>
/// Asks at a fixed rate, whether answers come or not, and measures from the moment when a question was due: a system that stops for a second shows it in
/// every question of that second. Beside it, in the same run, what a request takes that does nothing.
/// </summary>
internal sealed class RateBench(SutraSystem system, Options options)
{
    private const int WarmUpSeconds = 10;

    /// <returns>1 when a question failed.</returns>
    public async Task<int> RunAsync()
    {
        var questions = Data.Questions(options.Rate * options.Seconds);
        await AtRateAsync(questions.Take(options.Rate * WarmUpSeconds).ToList(), question => system.AskAsync(question.Text));
        var floor = await AtRateAsync(questions.Take(options.Rate * WarmUpSeconds).ToList(), _ => system.TouchAsync());
        Report("floor", floor);
        var asked = await AtRateAsync(questions, question => system.AskAsync(question.Text));
        foreach (var kind in asked.GroupBy(one => one.Kind, StringComparer.Ordinal))
        {
            Report(kind.Key, [.. kind]);
        }

        Report("all", asked);
        return asked.TrueForAll(one => one.Succeeded) ? 0 : 1;
    }

    private async Task<List<Outcome>> AtRateAsync(IReadOnlyList<Question> questions, Func<Question, Task<bool>> send)
    {
        var outcomes = new ConcurrentBag<Outcome>();
        var running = new List<Task>();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < questions.Count; i++)
        {
            var (question, due) = (questions[i], TimeSpan.FromSeconds((double)i / options.Rate));
            if (due - watch.Elapsed is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait);
            }

            running.Add(Task.Run(async () =>
            {
                var succeeded = await send(question);
                outcomes.Add(new Outcome(question.Kind, (watch.Elapsed - due).TotalMilliseconds, succeeded));
            }));
        }

        await Task.WhenAll(running);
        return [.. outcomes];
    }

    private void Report(string name, List<Outcome> outcomes)
    {
        var times = outcomes.ConvertAll(one => one.Milliseconds);
        times.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-9} {times.Count,6} at {options.Rate}/s: p50 {At(0.5),6:F1}, p95 {At(0.95),6:F1}, p99 {At(0.99),6:F1}, most {times[^1],6:F1} ms, {outcomes.Count(one => !one.Succeeded)} failed"));

        double At(double share) => times[(int)((times.Count - 1) * share)];
    }

    private sealed record Outcome(string Kind, double Milliseconds, bool Succeeded);
}
