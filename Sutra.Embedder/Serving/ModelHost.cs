using Microsoft.Extensions.Options;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;
using Sutra.Embedder.Telemetry;

namespace Sutra.Embedder.Serving;

/// <summary>
/// The models in memory: loaded when first asked for, once however many ask, and let go again, the one used longest ago first,
/// when together they are larger than <see cref="ServingOptions.ModelCacheSize"/>. A model that somebody uses stays.
/// </summary>
internal sealed partial class ModelHost : IDisposable
{
    private readonly ConfiguredModels _configured;
    private readonly IModelSource[] _sources;
    private readonly EmbedderOptions _options;
    private readonly ServingOptions _serving;
    private readonly EmbedderTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<ModelHost> _logger;
    private readonly long _maxBytes;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private bool _disposed;

    public ModelHost(
        ConfiguredModels configured,
        IEnumerable<IModelSource> sources,
        IOptions<EmbedderOptions> options,
        IOptions<ServingOptions> serving,
        EmbedderTelemetry telemetry,
        TimeProvider time,
        ILogger<ModelHost> logger)
    {
        _configured = configured;
        _sources = [configured, .. sources];
        _options = options.Value;
        _serving = serving.Value;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _maxBytes = ByteSize.Parse(_serving.ModelCacheSize);
    }

    /// <summary>What a request gets that names no model.</summary>
    public string DefaultName => _configured.Default.Name;

    /// <summary>Every model that can be asked for; a name that two sources know is the first one's.</summary>
    public IReadOnlyList<AvailableModel> Available() =>
        [.. _sources.SelectMany(source => source.List()).DistinctBy(model => (model.Name, model.Revision))];

    /// <summary>The models in memory now.</summary>
    public IReadOnlyList<LoadedModel> Loaded()
    {
        lock (_lock)
        {
            return [.. _slots.Values.Where(slot => slot.Loading.IsCompletedSuccessfully).Select(slot => slot.Loading.Result)];
        }
    }

    /// <summary>The default model, if it is loaded.</summary>
    public LoadedModel? Default => Loaded().FirstOrDefault(model => model.Folder.Path == DefaultPath || model.Name == DefaultName);

    /// <summary>Why the default model is not loaded; null: it is, or nobody has tried yet.</summary>
    public string? DefaultFailure
    {
        get
        {
            lock (_lock)
            {
                return _slots.TryGetValue(Key(_configured.Default), out var slot) && slot.Loading.IsFaulted
                    ? slot.Loading.Exception.InnerException!.Message
                    : null;
            }
        }
    }

    /// <summary>The model of that name, or of that <c>name@revision</c>, loaded if need be; null: the default.</summary>
    /// <exception cref="UnknownModelException">There is none of that name.</exception>
    /// <exception cref="ModelUnavailableException">It cannot be loaded.</exception>
    public async ValueTask<ModelLease> AcquireAsync(string? name = null, CancellationToken cancellation = default)
    {
        while (true)
        {
            var slot = Find(name);
            LoadedModel model;
            try
            {
                model = await slot.Loading.WaitAsync(cancellation);
            }
            catch (ModelException e)
            {
                throw new ModelUnavailableException(slot.Model.Name, e.Message);
            }

            if (Lease(slot, model) is { } lease)
            {
                return lease;
            }
        }
    }

    /// <summary>Waits for models that are being loaded: a process that ends while ONNX Runtime reads one is ended by a fault.</summary>
    public void Dispose()
    {
        List<Task<LoadedModel>> loading;
        lock (_lock)
        {
            _disposed = true;
            loading = [.. _slots.Values.Select(slot => slot.Loading)];
            _slots.Clear();
        }

        try
        {
            Task.WaitAll([.. loading]);
        }
        catch (AggregateException)
        {
            // Whoever asked for the model has been told.
        }

        foreach (var model in loading.Where(model => model.IsCompletedSuccessfully))
        {
            model.Result.Dispose();
        }
    }

    private string DefaultPath => _configured.Default.FullPath;

    private static string Key(AvailableModel model) => $"{model.Name}@{model.Revision}";

    // What is in memory is found without asking the sources, which may look at the disk.
    private Slot Find(string? name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (name is null || name == DefaultName)
            {
                return GetOrLoad(_configured.Default);
            }

            foreach (var slot in _slots.Values)
            {
                if (slot.Loading.IsCompletedSuccessfully && slot.Loading.Result.Identity.Answers(name))
                {
                    return slot;
                }
            }
        }

        var available = Available();
        var model = available.FirstOrDefault(model => model.Name == name)
            ?? available.FirstOrDefault(model => model.Revision is not null && $"{model.Name}@{model.Revision}" == name)
            ?? throw new UnknownModelException([.. available.Select(model => model.Name).Distinct(StringComparer.Ordinal)]);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return GetOrLoad(model);
        }
    }

    private Slot GetOrLoad(AvailableModel model)
    {
        var key = Key(model);
        if (_slots.TryGetValue(key, out var slot) && !(slot.Loading.IsFaulted && _time.GetElapsedTime(slot.UsedAt) > _serving.ModelRetry))
        {
            return slot;
        }

        slot = new Slot(model, Task.Run(() => LoadAsync(model))) { UsedAt = _time.GetTimestamp() };
        _slots[key] = slot;
        return slot;
    }

    private async Task<LoadedModel> LoadAsync(AvailableModel available)
    {
        var started = _time.GetTimestamp();
        try
        {
            await ModelStore.CheckAsync(available.FullPath);
            var model = LoadedModel.Load(available.Open(), available.Name, _options, _serving.HardwareProfile);
            if (model.Bytes > _maxBytes)
            {
                model.Dispose();
                throw new ModelException($"it is larger ({model.Bytes} bytes) than all models together may be ({ServingOptions.CacheSizeVariable} is {_serving.ModelCacheSize}).");
            }

            var duration = _time.GetElapsedTime(started);
            _telemetry.Loaded(model.Name, duration);
            Log.Loaded(_logger, model.Identity.Id, model.Dimensions, model.MaxTokens, model.Provider, (long)duration.TotalMilliseconds);
            if (_serving.HardwareProfile == HardwareProfile.Auto && model.Provider == ExecutionProviders.Cpu)
            {
                Log.OnCpu(_logger, model.Name);
            }

            return model;
        }
        catch (ModelException e)
        {
            Log.Failed(_logger, available.Name, e.Message);
            throw;
        }
        catch (Exception e)
        {
            // Whatever a disk or a library does: the process lives, says so, and tries again.
            Log.Failed(_logger, available.Name, e.Message);
            throw new ModelException($"The model in '{available.FullPath}' cannot be loaded: {e.Message}", e);
        }
    }

    private ModelLease? Lease(Slot slot, LoadedModel model)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (slot.IsGone)
            {
                return null; // Let go between being loaded and being leased: load it again.
            }

            slot.Leases++;
            Touch(slot);
            MakeRoom();
            return new ModelLease(model, () => Release(slot));
        }
    }

    private void Release(Slot slot)
    {
        lock (_lock)
        {
            slot.Leases--;
            slot.UsedAt = _time.GetTimestamp();
            if (slot.Leases == 0 && _disposed)
            {
                return;
            }

            MakeRoom();
        }
    }

    private void Touch(Slot slot)
    {
        slot.UsedAt = _time.GetTimestamp();
        if (slot.ToldAt is null || _time.GetElapsedTime(slot.ToldAt.Value) > TimeSpan.FromHours(1))
        {
            slot.ToldAt = slot.UsedAt;
            slot.Model.OnUse?.Invoke();
        }
    }

    private void MakeRoom()
    {
        var loaded = _slots.Values.Where(slot => slot.Loading.IsCompletedSuccessfully).ToList();
        var bytes = loaded.Sum(slot => slot.Loading.Result.Bytes);
        foreach (var slot in loaded.OrderBy(slot => slot.UsedAt))
        {
            if (bytes <= _maxBytes)
            {
                return;
            }

            if (slot.Leases > 0 || Key(slot.Model) == Key(_configured.Default))
            {
                continue;
            }

            slot.IsGone = true;
            _slots.Remove(Key(slot.Model));
            bytes -= slot.Loading.Result.Bytes;
            slot.Loading.Result.Dispose();
            Log.LetGo(_logger, slot.Model.Name);
        }
    }

    private sealed class Slot(AvailableModel model, Task<LoadedModel> loading)
    {
        public AvailableModel Model { get; } = model;

        public Task<LoadedModel> Loading { get; } = loading;

        public int Leases { get; set; }

        public long UsedAt { get; set; }

        public long? ToldAt { get; set; }

        public bool IsGone { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information, "Model {Model}: {Dimensions} dimensions, {MaxTokens} tokens, on {Provider}, loaded in {Milliseconds} ms")]
        public static partial void Loaded(ILogger logger, string model, int dimensions, int maxTokens, string provider, long milliseconds);

        [LoggerMessage(301, LogLevel.Information, "Model {Model} runs on the CPU: no GPU that this build of ONNX Runtime can use (HARDWARE_PROFILE=auto)")]
        public static partial void OnCpu(ILogger logger, string model);

        [LoggerMessage(302, LogLevel.Error, "Model {Model} cannot be served: {Reason}")]
        public static partial void Failed(ILogger logger, string model, string reason);

        [LoggerMessage(303, LogLevel.Information, "Model {Model} leaves the memory to others (MODEL_CACHE_SIZE)")]
        public static partial void LetGo(ILogger logger, string model);
    }
}
