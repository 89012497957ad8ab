using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Engine;

namespace Sutra.Storage.Collections;

public sealed record CollectionStoreOptions
{
    /// <summary>Of the default collection; what is not a collection's own is the others' too.</summary>
    public required EngineOptions Engine { get; init; }

    /// <summary>The default one included; default 100. Each has a log, two threads for its segments, and memory for what is not in them.</summary>
    public int MaxCollections { get; init; } = 100;

    /// <summary>What is sealed from now on. Default nothing.</summary>
    public EncryptionMode Mode { get; init; } = EncryptionMode.Off;

    /// <summary>Reads the master keys; called once, when the folder has a key ring or is to get one.</summary>
    public Func<IMasterKeySource> MasterKeys { get; init; } = () => throw new MasterKeyException("What is stored is sealed, and no master key is configured.");

    internal CollectionSettings DefaultSettings => new()
    {
        ManyModels = Engine.ManyModels,
        M = Engine.Segments.M,
        EfConstruction = Engine.Segments.EfConstruction,
        EfSearch = Engine.Segments.EfSearch,
        Language = Engine.Segments.Language,
    };
}
