namespace Sutra.Storage.Encryption.Masters;

/// <summary>A service outside that keeps master keys and wraps with them (a cloud's key management, a vault, an HSM).</summary>
public interface IKeyService
{
    /// <param name="keyName">The key's name in the service.</param>
    /// <param name="context">Additional data that unwrapping must bring again.</param>
    byte[] Wrap(string keyName, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> context);

    /// <summary>The secret, which the caller zeroes; null when the service says that it did not wrap this. Other failures throw.</summary>
    byte[]? Unwrap(string keyName, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context);
}
