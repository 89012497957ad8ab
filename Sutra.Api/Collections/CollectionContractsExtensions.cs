using Sutra.Contracts.Api;
using Sutra.Contracts.Storage.V1;
using Requests = Sutra.Contracts.Api;

namespace Sutra.Api.Collections;

/// <summary>Between what callers see of collections and what the storage does.</summary>
internal static class CollectionContractsExtensions
{
    public static CollectionResponse ToResponse(this Collection collection)
    {
        var settings = collection.Settings;
        return new CollectionResponse(
            collection.Name,
            collection.Id.Length == 0 ? null : collection.Id,
            settings.Model.Length == 0 ? null : settings.Model,
            settings.Dimension == 0 ? null : settings.Dimension,
            settings.M,
            settings.EfConstruction,
            settings.EfSearch,
            settings.Language,
            settings.HasTimeToLiveSeconds ? settings.TimeToLiveSeconds : null,
            [.. settings.Expiry.Select(rule => new ExpiryRuleContract(rule.Key, rule.Value, rule.Seconds))],
            collection.CreatedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(collection.CreatedAt),
            collection.Aliases,
            collection.Concepts);
    }

    public static CollectionStatistics ToResponse(this Statistics statistics) => new(
        statistics.Writable,
        new SortedDictionary<string, long>(statistics.ConceptsByModel, StringComparer.Ordinal),
        statistics.LogBytes,
        statistics.VectorBytes,
        statistics.Segments,
        statistics.SegmentBytes,
        statistics.IndexBytes,
        statistics.DeadRows,
        statistics.Entities,
        statistics.Links,
        statistics.AssociationBytes);

    /// <param name="model">Identity of the model that it is for.</param>
    /// <param name="dimension">Of the vectors.</param>
    public static Contracts.Storage.V1.CreateCollectionRequest ToMessage(this Requests.CreateCollectionRequest request, string model, int dimension)
    {
        var settings = new CollectionSettings { Model = model, Dimension = dimension, Language = request.Language ?? "" };
        settings.Expiry.AddRange(ToMessages(request.Expiry));
        if (request.M is { } m)
        {
            settings.M = m;
        }

        if (request.EfConstruction is { } construction)
        {
            settings.EfConstruction = construction;
        }

        if (request.EfSearch is { } search)
        {
            settings.EfSearch = search;
        }

        if (request.TimeToLiveSeconds is > 0 and var seconds)
        {
            settings.TimeToLiveSeconds = seconds;
        }

        return new Contracts.Storage.V1.CreateCollectionRequest { Name = request.Name, Settings = settings };
    }

    public static Contracts.Storage.V1.UpdateCollectionRequest ToMessage(this Requests.UpdateCollectionRequest request, string name)
    {
        var message = new Contracts.Storage.V1.UpdateCollectionRequest { Name = name, ClearTimeToLive = request.TimeToLiveSeconds == 0 };
        if (request.EfSearch is { } search)
        {
            message.EfSearch = search;
        }

        if (request.TimeToLiveSeconds is > 0 and var seconds)
        {
            message.TimeToLiveSeconds = seconds;
        }

        if (request.Expiry is { } rules)
        {
            message.Expiry = new ExpiryRules { Rules = { ToMessages(rules) } };
        }

        return message;
    }

    private static IEnumerable<ExpiryRule> ToMessages(IReadOnlyList<ExpiryRuleContract>? rules) =>
        (rules ?? []).Select(rule => new ExpiryRule { Key = rule.Key, Value = rule.Value, Seconds = rule.AfterSeconds });
}
