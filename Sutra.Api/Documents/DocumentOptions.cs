using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Documents;

/// <summary>Configuration section <c>Documents</c>.</summary>
public sealed class DocumentOptions
{
    public const string Section = "Documents";

    /// <summary>Largest document in bytes; default 16 MiB.</summary>
    [Range(1024, 512 * 1024 * 1024)]
    public int MaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Largest request, which may have several documents; default 64 MiB.</summary>
    [Range(1024, 1L << 32)]
    public long MaxRequestBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Most documents of one request; default 100.</summary>
    [Range(1, 10_000)]
    public int MaxFiles { get; set; } = 100;

    /// <summary>Most pieces of one document; default 50,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxPieces { get; set; } = 50_000;

    /// <summary>Most bytes that the text of a DOCX may inflate to; default 64 MiB.</summary>
    [Range(1024, 1L << 32)]
    public long MaxInflatedBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Tokens of a piece where the request does not say; default 256.</summary>
    [Range(16, 8192)]
    public int ChunkTokens { get; set; } = 256;

    /// <summary>Tokens that a piece says again of the one before where the request does not say; default 32.</summary>
    [Range(0, 4096)]
    public int OverlapTokens { get; set; } = 32;
}
