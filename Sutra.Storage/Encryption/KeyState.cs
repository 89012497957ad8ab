namespace Sutra.Storage.Encryption;

public enum KeyState
{
    /// <summary>This ring never had it, or was restored from a copy older than it.</summary>
    Unknown,

    Live,

    /// <summary>Destroyed for ever: what it sealed is erased.</summary>
    Destroyed,
}

/// <summary>What became of an attempt to open a sealed record.</summary>
public enum OpenResult
{
    Opened,

    /// <summary>Its key was destroyed: the record is erased, which is as it should be.</summary>
    Erased,

    /// <summary>Altered, cut, or not from where it was found.</summary>
    Corrupt,

    /// <summary>The ring does not know its key: damage, or a ring older than the data.</summary>
    UnknownKey,
}
