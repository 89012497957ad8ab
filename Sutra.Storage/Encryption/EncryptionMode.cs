namespace Sutra.Storage.Encryption;

/// <summary>What of the stored data is sealed.</summary>
public enum EncryptionMode
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>Content, metadata and associations: what a person can read. Vectors, codes and graph links are in the clear.</summary>
    Content,

    /// <summary>Vectors, codes, links and lexical postings too: segments are read into memory instead of being mapped.</summary>
    Full,
}
