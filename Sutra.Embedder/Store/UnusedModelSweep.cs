using Microsoft.Extensions.Options;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Store;

/// <summary>Removes models that nothing used for a while, at the start and then daily.</summary>
internal sealed partial class UnusedModelSweep(
    StoredModels models, IOptions<StoreOptions> options, IOptions<EmbedderOptions> embedder, TimeProvider time, ILogger<UnusedModelSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    public void Sweep()
    {
        try
        {
            var unused = TimeSpan.FromDays(options.Value.UnusedModelDays);
            foreach (var model in models.Sweep(unused, model => options.Value.Keeps(model, embedder.Value), time.GetUtcNow()))
            {
                Log.Removed(logger, model.Id, model.Precision.ToName(), options.Value.UnusedModelDays);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Failed(logger, e.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not in the way of the start.
        await Task.Yield();
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            Sweep();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(330, LogLevel.Information, "Model {Model} ({Precision}) was removed from the store: unused for {Days} days")]
        public static partial void Removed(ILogger logger, string model, string precision, int days);

        [LoggerMessage(331, LogLevel.Warning, "Unused models could not be removed: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
