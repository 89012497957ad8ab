using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polly;
using Polly.RateLimiting;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>
/// The pipelines of the process. They outlive their handlers, which the client factory replaces every two minutes: a circuit
/// breaker must not forget. Changed options make new ones.
/// </summary>
internal sealed class StandardPipelines : IDisposable
{
    private readonly ConcurrentDictionary<(string Name, string Key), ResiliencePipeline<HttpResponseMessage>> _pipelines = new();
    private readonly IOptionsMonitor<HttpStandardResilienceOptions> _options;
    private readonly TimeProvider? _time;
    private readonly IDisposable? _changes;

    public StandardPipelines(IOptionsMonitor<HttpStandardResilienceOptions> options, TimeProvider? time = null)
    {
        _options = options;
        _time = time;
        _changes = options.OnChange((changed, name) =>
        {
            foreach (var pipeline in _pipelines.Keys.Where(pipeline => pipeline.Name == name))
            {
                _pipelines.TryRemove(pipeline, out _);
            }
        });
    }

    public ResiliencePipeline<HttpResponseMessage> Get(string name, string key) => _pipelines.GetOrAdd((name, key), Build);

    public void Dispose() => _changes?.Dispose();

    private ResiliencePipeline<HttpResponseMessage> Build((string Name, string Key) pipeline)
    {
        var options = _options.Get(pipeline.Name);
        return new ResiliencePipelineBuilder<HttpResponseMessage> { Name = pipeline.Name, InstanceName = pipeline.Key, TimeProvider = _time }
            .AddStrategy(_ => new ConcurrencyLimit(), new ConcurrencyLimitOptions())
            .AddTimeout(options.TotalRequestTimeout)
            .AddRetry(options.Retry)
            .AddCircuitBreaker(options.CircuitBreaker)
            .AddTimeout(options.AttemptTimeout)
            .Build();
    }

    private sealed class ConcurrencyLimitOptions : ResilienceStrategyOptions;
}
