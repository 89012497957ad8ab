using System.Security.Cryptography;

namespace Sutra.Storage.Encryption.Sealing;

internal static class AesGcmExtensions
{
    /// <summary>A failed check as a result: what does not open is an answer here, not an accident. The check itself is the BCL's.</summary>
    public static bool TryDecrypt(this AesGcm gcm, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        try
        {
            gcm.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
