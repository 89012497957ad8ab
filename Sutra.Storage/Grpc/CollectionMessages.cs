using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Collections;
using Sutra.Storage.Concepts;
using Sutra.Storage.Lexical.Analysis;
using CollectionSettings = Sutra.Storage.Collections.CollectionSettings;

namespace Sutra.Storage.Grpc;

/// <summary>Between collections and their messages.</summary>
internal static class CollectionMessages
{
    public static CollectionSettings FromMessage(Contracts.Storage.V1.CollectionSettings message)
    {
        var defaults = new CollectionSettings();
        return new CollectionSettings
        {
            Model = message.Model,
            Dimension = message.Dimension,
            ManyModels = message.ManyModels,
            M = message.HasM ? message.M : defaults.M,
            EfConstruction = message.HasEfConstruction ? message.EfConstruction : defaults.EfConstruction,
            EfSearch = message.HasEfSearch ? message.EfSearch : defaults.EfSearch,
            Language = message.Language.Length == 0 ? defaults.Language : Language(message.Language),
            TimeToLive = message.HasTimeToLiveSeconds ? TimeToLive(message.TimeToLiveSeconds) : null,
            Expiry = FromMessage(message.Expiry),
        };
    }

    public static Contracts.Storage.V1.Replacement? ToMessage(Storage.Collections.Replacement? replacement, (bool IsWorking, string Failure) progress) => replacement is null
        ? null
        : new Contracts.Storage.V1.Replacement { Of = replacement.Of, RequestedBy = replacement.RequestedBy, Working = progress.IsWorking, Failure = progress.Failure };

    public static Collection ToMessage(CollectionInfo collection, long concepts)
    {
        var settings = new Contracts.Storage.V1.CollectionSettings
        {
            Model = collection.Settings.Model,
            Dimension = collection.Settings.Dimension,
            ManyModels = collection.Settings.ManyModels,
            M = collection.Settings.M,
            EfConstruction = collection.Settings.EfConstruction,
            EfSearch = collection.Settings.EfSearch,
            Language = collection.Settings.Language.ToString(),
        };
        if (collection.Settings.TimeToLive is { } live)
        {
            settings.TimeToLiveSeconds = (long)live.TotalSeconds;
        }

        settings.Expiry.Add(collection.Settings.Expiry.Select(rule => new Contracts.Storage.V1.ExpiryRule
        {
            Key = rule.Key,
            Value = rule.Value,
            Seconds = (long)rule.After.TotalSeconds,
        }));
        return new Collection
        {
            Name = collection.Name,
            Id = collection.Id == Guid.Empty ? "" : collection.Id.ToString("N"),
            Settings = settings,
            CreatedAt = collection.CreatedAt.ToUnixTimeMilliseconds(),
            Aliases = { collection.Aliases },
            Concepts = concepts,
        };
    }

    public static IReadOnlyList<Storage.Collections.ExpiryRule> FromMessage(IEnumerable<Contracts.Storage.V1.ExpiryRule> rules) =>
        [.. rules.Select(rule => new Storage.Collections.ExpiryRule(rule.Key, rule.Value, TimeToLive(rule.Seconds)))];

    /// <summary>Longer than any that is allowed stays so.</summary>
    public static TimeSpan TimeToLive(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 1L << 36));

    private static TextLanguage Language(string name) => Enum.TryParse<TextLanguage>(name, ignoreCase: true, out var language) && !char.IsAsciiDigit(name[0])
        ? language
        : throw new InvalidConceptException("settings.language", $"must be one of {string.Join(", ", Enum.GetNames<TextLanguage>())}");
}
