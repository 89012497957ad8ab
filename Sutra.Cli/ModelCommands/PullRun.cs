using System.Globalization;
using Spectre.Console;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;

namespace Sutra.Cli.ModelCommands;

/// <summary>A pull, watched: a bar on a terminal, a line for every tenth of the way elsewhere.</summary>
internal static class PullRun
{
    public static async Task<PullResult> RunAsync(
        ModelShelf shelf, ModelReference reference, ModelPrecision? precision, IAnsiConsole console, CancellationToken cancellation)
    {
        var puller = new ModelPuller(shelf.Store, shelf.Catalog, shelf.Hub, TimeProvider.System);
        void Waiting() => console.WriteLine("another process pulls this model; waiting for it ...");
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
        {
            return await puller.PullAsync(reference, precision, new Lines(console, reference, TimeProvider.System), Waiting, cancellation);
        }

        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context => await puller.PullAsync(reference, precision, new Bar(context.AddTask(Markup.Escape(reference.ToString()))), Waiting, cancellation));
    }

    private sealed class Bar(ProgressTask task) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            task.MaxValue = value.Total;
            task.Value = value.Done;
        }
    }

    /// <summary>What a log file gets.</summary>
    internal sealed class Lines(IAnsiConsole console, ModelReference reference, TimeProvider time) : IProgress<PullProgress>
    {
        private readonly long _started = time.GetTimestamp();
        private long _first = -1;
        private long _told = -1;

        public void Report(PullProgress value)
        {
            _first = _first < 0 ? value.Done : _first;
            var tenth = value.Total == 0 ? 10 : value.Done * 10 / value.Total;
            if (tenth <= _told)
            {
                return;
            }

            _told = tenth;
            var seconds = time.GetElapsedTime(_started).TotalSeconds;
            var rate = seconds > 0 ? (value.Done - _first) / seconds : 0;
            var left = rate > 0 && value.Done < value.Total ? string.Create(CultureInfo.InvariantCulture, $", {(value.Total - value.Done) / rate:0} s left") : "";
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{reference}: {tenth * 10} %, {ModelReport.Size(value.Done)} of {ModelReport.Size(value.Total)}, {ModelReport.Size((long)rate)}/s{left}"));
        }
    }
}
