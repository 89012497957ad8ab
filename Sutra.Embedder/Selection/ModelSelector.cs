using Sutra.Embedder.Catalog;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;
using Sutra.Embedder.Telemetry;

namespace Sutra.Embedder.Selection;

/// <summary>Chooses who answers a call: the model it names, the default, or, for <c>auto</c>, the one that fits best.</summary>
internal sealed class ModelSelector(ModelHost host, ModelCatalog catalog)
{
    /// <exception cref="UnknownModelException">There is no such model.</exception>
    /// <exception cref="ModelUnavailableException">It cannot be loaded.</exception>
    /// <exception cref="CallException">No model gives the wanted dimensions.</exception>
    public async ValueTask<SelectedModel> SelectAsync(EmbeddingCall call, CancellationToken cancellation)
    {
        using var activity = EmbedderTracing.Source.StartActivity(EmbedderTracing.ModelSelection);
        try
        {
            var (name, reason) = call.Model switch
            {
                null => (null, "the default model"),
                EmbeddingCall.AutoModel => Choose(call.Dimensions, call.Preference),
                var named => (named, "asked for by name"),
            };
            var selected = new SelectedModel(await host.AcquireAsync(name, cancellation), reason);
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

    /// <summary>What <c>auto</c> would take now, and why.</summary>
    public (string Name, string Reason) Choose(int? dimensions, ModelPreference preference)
    {
        var models = host.Models();
        var candidates = new List<ModelCandidate>();
        foreach (var (model, loaded) in models.DistinctBy(model => model.Known.Name))
        {
            if (ModelCandidate.Of(model.Model, loaded, catalog, host.IsDefault(model)) is { } candidate)
            {
                candidates.Add(candidate);
            }
        }

        if (candidates.Count == 0)
        {
            return (host.DefaultName, "auto: the default model, which nothing is known of yet");
        }

        var provider = models.Any(model => model.Loaded?.Provider == ExecutionProviders.Cuda) ? ExecutionProviders.Cuda : ExecutionProviders.Cpu;
        var (chosen, reason) = SelectionRules.Choose(candidates, dimensions, preference, provider);
        return (chosen.Name, reason);
    }
}
