namespace Sutra.Storage.Encryption.Masters;

/// <summary>
/// What locks the key ring: it wraps and unwraps one small secret, and never shows a key. Synchronous, because it is asked once
/// at start and once at a rotation, before anything can be served. Thread-safe.
/// </summary>
public interface IMasterKeySource : IDisposable
{
    /// <summary>The key that wraps from now on.</summary>
    MasterKeyId Current { get; }

    /// <summary>All that can unwrap: the current one, and older ones that a ring may still be locked with.</summary>
    IReadOnlyList<MasterKeyId> Known { get; }

    /// <summary>Wraps with <see cref="Current"/>.</summary>
    /// <param name="secret">64 bytes.</param>
    /// <param name="context">Bound to the result, not kept in it; 41 bytes.</param>
    /// <returns>At most 3,072 bytes.</returns>
    /// <exception cref="MasterKeyException">The key service cannot be reached or refuses.</exception>
    byte[] Wrap(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> context);

    /// <summary>False: not wrapped by this key with this context.</summary>
    /// <exception cref="MasterKeyException">The key service cannot be reached or refuses.</exception>
    bool TryUnwrap(MasterKeyId id, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context, Span<byte> secret);
}

/// <summary>A master key cannot be had. The message is one line for a person: where from and why, never the key.</summary>
public sealed class MasterKeyException(string message, Exception? inner = null) : KeyRingException(message, inner);
