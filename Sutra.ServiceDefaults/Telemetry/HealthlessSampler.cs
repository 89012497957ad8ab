using OpenTelemetry.Trace;
using Sutra.ServiceDefaults.Health;

namespace Sutra.ServiceDefaults.Telemetry;

/// <summary>Leaves health probes out of the traces: they would be most of them and say nothing.</summary>
internal sealed class HealthlessSampler(Sampler inner) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        if (samplingParameters.Tags is { } tags)
        {
            foreach (var (name, value) in tags)
            {
                if (name == "url.path" && value is HealthExtensions.AlivePath or HealthExtensions.HealthPath or HealthExtensions.ReadyPath)
                {
                    return new SamplingResult(SamplingDecision.Drop);
                }
            }
        }

        return inner.ShouldSample(samplingParameters);
    }
}
