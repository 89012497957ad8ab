using Sutra.Embedder.Models;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Embedder.Inference;

/// <summary>Loads the model before the service listens; a model that cannot be served stops the start.</summary>
internal sealed partial class ModelLoader(IServiceProvider services, TimeProvider time, ILogger<ModelLoader> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var started = time.GetTimestamp();
            var engine = services.GetRequiredService<EmbeddingEngine>();
            Log.Loaded(logger, engine.Model.Id, engine.Dimensions, engine.MaxTokens, engine.Workers, (long)time.GetElapsedTime(started).TotalMilliseconds);
            return Task.CompletedTask;
        }
        catch (ModelException e)
        {
            throw new StartupException(e.Message, e);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information,
            "Model {Model}: {Dimensions} dimensions, {MaxTokens} tokens, {Workers} workers, loaded in {Milliseconds} ms")]
        public static partial void Loaded(ILogger logger, string model, int dimensions, int maxTokens, int workers, long milliseconds);
    }
}
