using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;
using Sutra.Embedder.Telemetry;

namespace Sutra.Embedder.Selection;

/// <summary>Chooses who answers a call: the model it names, the default, or, for <c>auto</c>, the one that fits best.</summary>
internal sealed class ModelSelector(ModelHost host)
{
    /// <exception cref="UnknownModelException">There is no such model.</exception>
    /// <exception cref="ModelUnavailableException">It cannot be loaded.</exception>
    public async ValueTask<SelectedModel> SelectAsync(EmbeddingCall call, CancellationToken cancellation)
    {
        using var activity = EmbedderTracing.Source.StartActivity(EmbedderTracing.ModelSelection);
        try
        {
            var reason = call.Model is null ? "the default model" : "asked for by name";
            var selected = new SelectedModel(await host.AcquireAsync(call.Model, cancellation), reason);
            activity?.SetTag("model", selected.Model.Identity.Id);
            activity?.SetTag("provider", selected.Model.Provider);
            activity?.SetTag("reason", reason);
            return selected;
        }
        catch (Exception e)
        {
            activity.Fail(e);
            throw;
        }
    }
}
