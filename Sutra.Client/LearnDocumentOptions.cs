namespace Sutra.Client;

/// <summary>How a document is learned; what is null is the server's default.</summary>
public sealed record LearnDocumentOptions
{
    /// <summary>Becomes the metadata <c>source</c> of its pieces. The same name in the same collection is the same document.</summary>
    public string? Name { get; init; }

    /// <summary>1 to 128 of A-Z, a-z, 0-9, - . _ and :; follows from name and collection.</summary>
    public string? DocumentId { get; init; }

    public string? Collection { get; init; }

    /// <summary>The data subject whom it is about.</summary>
    public string? Owner { get; init; }

    /// <summary>Of every piece.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Tokens of a piece, 16 to 8,192; default 256.</summary>
    public int? ChunkTokens { get; init; }

    /// <summary>Tokens that a piece says again of the one before, less than half of it; default 32.</summary>
    public int? OverlapTokens { get; init; }
}
