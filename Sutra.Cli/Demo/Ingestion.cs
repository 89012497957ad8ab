using System.Collections.Concurrent;
using System.Globalization;
using Spectre.Console;
using Sutra.Contracts.Api;
using Sutra.Examples.Finance;

namespace Sutra.Cli.Demo;

/// <summary>Teaches all rows, several at once, under a progress bar.</summary>
internal sealed class Ingestion(GatewayClient gateway, IAnsiConsole console, TimeProvider time)
{
    public async Task<IngestionResult> RunAsync(IReadOnlyList<OhlcvRow> rows, int concurrency, CancellationToken cancellation)
    {
        var latencies = new ConcurrentBag<TimeSpan>();
        var started = time.GetTimestamp();
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(() => latencies.Count, started, time), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask("Learning", maxValue: rows.Count);
                await Parallel.ForEachAsync(
                    rows,
                    new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation },
                    async (row, token) =>
                    {
                        var request = new LearnRequest(OhlcvConcept.Content(row), OhlcvConcept.Metadata(row));
                        latencies.Add(await gateway.LearnAsync(request, token));
                        task.Increment(1);
                    });
            });
        return new IngestionResult(rows.Count, time.GetElapsedTime(started), [.. latencies.Order()]);
    }

    private sealed class RateColumn(Func<int> done, long started, TimeProvider time) : ProgressColumn
    {
        public override Spectre.Console.Rendering.IRenderable Render(Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            var seconds = Math.Max(0.001, time.GetElapsedTime(started).TotalSeconds);
            return new Text(string.Create(CultureInfo.InvariantCulture, $"{done() / seconds,6:N0} rows/s"), new Style(Color.Grey));
        }
    }
}

/// <param name="Elapsed">Wall time of the whole, waits included.</param>
/// <param name="Latencies">Of each learn, ascending.</param>
internal sealed record IngestionResult(int Rows, TimeSpan Elapsed, IReadOnlyList<TimeSpan> Latencies)
{
    public double RowsPerSecond => Rows / Math.Max(0.001, Elapsed.TotalSeconds);

    /// <param name="quantile">0..1.</param>
    public TimeSpan Quantile(double quantile) =>
        Latencies.Count == 0 ? TimeSpan.Zero : Latencies[(int)Math.Min(Latencies.Count - 1, Math.Ceiling(quantile * Latencies.Count) - 1 is var i and > 0 ? i : 0)];
}
