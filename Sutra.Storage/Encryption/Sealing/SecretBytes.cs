using System.Security.Cryptography;

namespace Sutra.Storage.Encryption.Sealing;

/// <summary>Bytes that the garbage collector never copies elsewhere, and that are zeroed when disposed.</summary>
internal sealed class SecretBytes(int length) : IDisposable
{
    private readonly byte[] _bytes = GC.AllocateArray<byte>(length, pinned: true);

    public Span<byte> Span => _bytes;

    /// <summary>For the few BCL calls that take arrays only.</summary>
    public byte[] Array => _bytes;

    public static SecretBytes Random(int length)
    {
        var secret = new SecretBytes(length);
        RandomNumberGenerator.Fill(secret.Span);
        return secret;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    public override string ToString() => $"{_bytes.Length} secret bytes";
}
