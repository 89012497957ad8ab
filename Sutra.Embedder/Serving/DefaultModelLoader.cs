using Microsoft.Extensions.Options;

namespace Sutra.Embedder.Serving;

/// <summary>
/// Loads the default model at the start, and goes on trying while it cannot be: a volume may be mounted later, a model pulled.
/// Until then <c>/ready</c> is 503 and says why.
/// </summary>
internal sealed class DefaultModelLoader(ModelHost host, IOptions<ServingOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var lease = await host.AcquireAsync(cancellation: stoppingToken);
                return;
            }
            catch (ModelUnavailableException)
            {
                // Logged where it was loaded.
                await Task.Delay(options.Value.ModelRetry + TimeSpan.FromMilliseconds(10), time, stoppingToken);
            }
        }
    }
}
