using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sutra.Embedder.Models;

/// <summary>Names a model so that two vectors may be compared, or one be cached, exactly when their identities are equal.</summary>
/// <param name="Name">What callers ask for, e.g. <c>sutra-static</c>.</param>
/// <param name="Revision">12 hex digits of the SHA-256 over the files that decide a vector and over the version of our own pipeline.</param>
public sealed record ModelIdentity(string Name, string Revision)
{
    /// <summary>Raise it when tokenization, pooling or normalisation changes what vector a text gets.</summary>
    internal const int PipelineVersion = 1;

    private const int RevisionBytes = 6;

    /// <summary><c>name@revision</c></summary>
    public string Id { get; } = $"{Name}@{Revision}";

    public static ModelIdentity Of(ModelFolder folder, string? name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendNumber(hash, PipelineVersion);
        var buffer = new byte[1 << 16];
        foreach (var file in folder.IdentityFiles())
        {
            using var stream = File.OpenRead(Path.Combine(folder.Path, file));
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
            AppendNumber(hash, stream.Length);
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                hash.AppendData(buffer, 0, read);
            }
        }

        return new ModelIdentity(
            string.IsNullOrWhiteSpace(name) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(folder.Path)) : name,
            Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, RevisionBytes)));
    }

    internal static bool IsRevision(string text) => text.Length == 2 * RevisionBytes && text.All(char.IsAsciiHexDigitLower);

    private static void AppendNumber(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
