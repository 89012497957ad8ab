using Microsoft.Extensions.Options;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Serving;

/// <summary>
/// The models in memory: loaded when first asked for, once however many ask, and let go again, the one used longest ago first,
/// when together they are larger than <see cref="ServingOptions.ModelCacheSize"/>. A model that somebody uses stays.
/// </summary>
internal sealed partial class ModelHost : IDisposable
{
    private readonly AvailableModel _default;
    private readonly ModelIndex _index;
    private readonly ModelLoader _loader;
    private readonly ServingOptions _serving;
    private readonly TimeProvider _time;
    private readonly ILogger<ModelHost> _logger;
    private readonly long _maxBytes;
    private readonly Lock _lock = new();
    private readonly Dictionary<ModelPlace, Slot> _slots = [];
    private bool _disposed;

    public ModelHost(
        ConfiguredModels configured, ModelIndex index, ModelLoader loader, IOptions<ServingOptions> serving, TimeProvider time, ILogger<ModelHost> logger)
    {
        _default = configured.Default;
        _index = index;
        _loader = loader;
        _serving = serving.Value;
        _time = time;
        _logger = logger;
        _maxBytes = ByteSize.Parse(_serving.ModelCacheSize);
    }

    /// <summary>What a request gets that names no model.</summary>
    public string DefaultName => _default.Name;

    public bool IsDefault(KnownModel known) => known.Model.Place == _default.Place;

    /// <summary>The models in memory now.</summary>
    public IReadOnlyList<LoadedModel> Loaded()
    {
        lock (_lock)
        {
            return [.. _slots.Values.Where(slot => slot.Loading.IsCompletedSuccessfully).Select(slot => slot.Loading.Result)];
        }
    }

    /// <summary>Models whose last run failed, and those that could not be loaded when they were last asked for.</summary>
    public IReadOnlyList<string> Failing()
    {
        lock (_lock)
        {
            return
            [
                .. _slots.Values.Where(slot => slot.Loading is { IsCompletedSuccessfully: true, Result.IsFailing: true }).Select(slot => slot.Loading.Result.Identity.Id),
                .. _slots.Values.Where(slot => slot.Loading.IsFaulted).Select(slot => $"{slot.Model.Name} (not loaded)"),
            ];
        }
    }

    /// <summary>Every model that can be asked for, and what is in memory of it.</summary>
    public IReadOnlyList<(KnownModel Known, LoadedModel? Loaded)> Models()
    {
        var models = _index.List();
        lock (_lock)
        {
            return [.. models.Select(known => (known, Loaded(known)))];
        }
    }

    /// <summary>What <paramref name="name"/> means, without loading anything, and what is in memory of it; null: nothing that is known of.</summary>
    public (KnownModel Known, LoadedModel? Loaded)? Find(string name)
    {
        if (_index.Find(name) is not { } known)
        {
            return null;
        }

        lock (_lock)
        {
            return (known, Loaded(known));
        }
    }

    /// <summary>The model of that name, <c>name@revision</c> or <c>name@commit</c>, loaded if need be; null: the default.</summary>
    /// <exception cref="UnknownModelException">There is none of that name.</exception>
    /// <exception cref="ModelUnavailableException">It cannot be loaded.</exception>
    public async ValueTask<ModelLease> AcquireAsync(string? name = null, CancellationToken cancellation = default)
    {
        if (name is null || name == DefaultName)
        {
            return await AcquireAsync(_default, cancellation);
        }

        // What is in memory is there for its users, even if its folder is not any more.
        if (InMemory(name) is { } held)
        {
            return await AcquireAsync(held, cancellation);
        }

        if (_index.Find(name) is { } found)
        {
            var lease = await AcquireAsync(found.Model, cancellation);
            if (found.Id != name || lease.Model.Identity.Id == name)
            {
                return lease;
            }

            // Its files are others than when its revision was learned.
            lease.Dispose();
        }

        foreach (var known in _index.MayBe(name))
        {
            (await AcquireAsync(known.Model, cancellation)).Dispose();
            if (_index.Find(name) is { } learned)
            {
                return await AcquireAsync(learned.Model, cancellation);
            }
        }

        throw new UnknownModelException([.. _index.List().Select(known => known.Name).Distinct(StringComparer.Ordinal)]);
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

    private async ValueTask<ModelLease> AcquireAsync(AvailableModel available, CancellationToken cancellation)
    {
        while (true)
        {
            var slot = GetOrLoad(available);
            LoadedModel model;
            try
            {
                model = await slot.Loading.WaitAsync(cancellation);
            }
            catch (ModelException e)
            {
                throw new ModelUnavailableException(slot.Model.Name, e.Message, _serving.ModelRetry - _time.GetElapsedTime(slot.UsedAt));
            }

            if (Lease(slot, model) is { } lease)
            {
                return lease;
            }
        }
    }

    private AvailableModel? InMemory(string id)
    {
        lock (_lock)
        {
            return _slots.Values.FirstOrDefault(slot => slot.Loading.IsCompletedSuccessfully && slot.Loading.Result.Identity.Id == id)?.Model;
        }
    }

    // Under the lock.
    private LoadedModel? Loaded(KnownModel known) =>
        _slots.TryGetValue(known.Model.Place, out var slot) && slot.Loading.IsCompletedSuccessfully ? slot.Loading.Result : null;

    private Slot GetOrLoad(AvailableModel model)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_slots.TryGetValue(model.Place, out var slot) && !(slot.Loading.IsFaulted && _time.GetElapsedTime(slot.UsedAt) > _serving.ModelRetry))
            {
                return slot;
            }

            slot = new Slot(model, Task.Run(() => LoadAsync(model))) { UsedAt = _time.GetTimestamp() };
            _slots[model.Place] = slot;
            return slot;
        }
    }

    private async Task<LoadedModel> LoadAsync(AvailableModel available)
    {
        var model = await _loader.LoadAsync(available, _maxBytes);
        _index.Learn(available, model.Identity.Revision);
        return model;
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

            if (slot.Leases > 0 || slot.Model.Place == _default.Place)
            {
                continue;
            }

            slot.IsGone = true;
            _slots.Remove(slot.Model.Place);
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
        [LoggerMessage(303, LogLevel.Information, "Model {Model} leaves the memory to others (MODEL_CACHE_SIZE)")]
        public static partial void LetGo(ILogger logger, string model);
    }
}
