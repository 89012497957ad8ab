using Microsoft.Extensions.Options;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;
using Sutra.Embedder.Telemetry;

namespace Sutra.Embedder.Serving;

/// <summary>Brings a model from its folder into memory, and says how that went.</summary>
internal sealed partial class ModelLoader(
    IOptions<EmbedderOptions> options, IOptions<ServingOptions> serving, EmbedderTelemetry telemetry, TimeProvider time, ILogger<ModelLoader> logger)
{
    private readonly EmbedderOptions _options = options.Value;
    private readonly ServingOptions _serving = serving.Value;

    /// <param name="available">Which one.</param>
    /// <param name="maxBytes">It must not be larger.</param>
    /// <exception cref="ModelException">It cannot be loaded; the message says why.</exception>
    public async Task<LoadedModel> LoadAsync(AvailableModel available, long maxBytes)
    {
        var started = time.GetTimestamp();
        try
        {
            await ModelStore.CheckAsync(available.FullPath);
            var model = LoadedModel.Load(available.Open(), available.Name, _options, _serving.HardwareProfile);
            if (Misfit(model, available, maxBytes) is { } misfit)
            {
                model.Dispose();
                throw new ModelException(misfit);
            }

            var duration = time.GetElapsedTime(started);
            telemetry.Loaded(model.Name, duration);
            Log.Loaded(logger, model.Identity.Id, model.Dimensions, model.MaxTokens, model.Provider, (long)duration.TotalMilliseconds);
            if (_serving.HardwareProfile == HardwareProfile.Auto && model.Provider == ExecutionProviders.Cpu)
            {
                Log.OnCpu(logger, model.Name);
            }

            return model;
        }
        catch (ModelException e)
        {
            Log.Failed(logger, available.Name, e.Message);
            throw;
        }
        catch (Exception e)
        {
            // Whatever a disk or a library does: the process lives, says so, and tries again.
            Log.Failed(logger, available.Name, e.Message);
            throw new ModelException($"The model in '{available.FullPath}' cannot be loaded: {e.Message}", e);
        }
    }

    private string? Misfit(LoadedModel model, AvailableModel available, long maxBytes)
    {
        if (model.Bytes > maxBytes)
        {
            return $"it is larger ({model.Bytes} bytes) than all models together may be ({ServingOptions.CacheSizeVariable} is {_serving.ModelCacheSize}).";
        }

        return available.Revision is null || available.Revision == model.Identity.Revision
            ? null
            : $"The model in '{available.FullPath}' has other files than were pulled: remove it (sutra model rm) and pull it again.";
    }

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information, "Model {Model}: {Dimensions} dimensions, {MaxTokens} tokens, on {Provider}, loaded in {Milliseconds} ms")]
        public static partial void Loaded(ILogger logger, string model, int dimensions, int maxTokens, string provider, long milliseconds);

        [LoggerMessage(301, LogLevel.Information, "Model {Model} runs on the CPU: no GPU that this build of ONNX Runtime can use (HARDWARE_PROFILE=auto)")]
        public static partial void OnCpu(ILogger logger, string model);

        [LoggerMessage(302, LogLevel.Error, "Model {Model} cannot be served: {Reason}")]
        public static partial void Failed(ILogger logger, string model, string reason);
    }
}
