using System.Security.Cryptography;
using System.Text;

namespace Sutra.Api.Documents;

/// <summary>What is asked for, for all documents of a request.</summary>
internal sealed record DocumentRequest(
    string? Collection,
    string? Owner,
    string? Name,
    string? DocumentId,
    int ChunkTokens,
    int OverlapTokens,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>A document as it was sent.</summary>
/// <param name="Name">Of the file.</param>
/// <param name="MediaType">One of those that <see cref="DocumentFormat"/> reads.</param>
internal sealed record DocumentUpload(string DocumentId, string Name, string MediaType, byte[] Source)
{
    /// <summary>The same name in the same collection is the same document.</summary>
    public static string IdOf(string? collection, string name) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{collection ?? "default"}\n{name}")).AsSpan(0, 8));
}
