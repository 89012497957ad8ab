using System.Security.Cryptography;

namespace Sutra.Storage.Encryption.Masters;

/// <summary>Master keys that never leave an <see cref="IKeyService"/>.</summary>
public sealed class KeyServiceSource : IMasterKeySource
{
    private readonly IKeyService _service;
    private readonly string _current;
    private readonly Dictionary<MasterKeyId, string> _names = [];

    /// <param name="current">Name of the key that wraps.</param>
    /// <param name="older">Names of keys that a ring may still be locked with.</param>
    public KeyServiceSource(IKeyService service, string current, params IEnumerable<string> older)
    {
        _service = service;
        _current = current;
        Current = MasterKeyId.OfName(current);
        Known = [.. new[] { current }.Concat(older).Distinct(StringComparer.Ordinal).Select(MasterKeyId.OfName)];
        foreach (var name in older.Prepend(current))
        {
            _names[MasterKeyId.OfName(name)] = name;
        }
    }

    public MasterKeyId Current { get; }

    public IReadOnlyList<MasterKeyId> Known { get; }

    public byte[] Wrap(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> context)
    {
        try
        {
            return _service.Wrap(_current, secret, context);
        }
        catch (Exception e) when (e is not KeyRingException)
        {
            throw Unreachable(Current, e);
        }
    }

    public bool TryUnwrap(MasterKeyId id, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context, Span<byte> secret)
    {
        if (!_names.TryGetValue(id, out var name))
        {
            return false;
        }

        byte[]? unwrapped;
        try
        {
            unwrapped = _service.Unwrap(name, wrapped, context);
        }
        catch (Exception e) when (e is not KeyRingException)
        {
            throw Unreachable(id, e);
        }

        var fits = unwrapped?.Length == secret.Length;
        if (fits)
        {
            unwrapped.CopyTo(secret);
        }

        CryptographicOperations.ZeroMemory(unwrapped);
        return fits;
    }

    public void Dispose()
    {
    }

    // The service's own message may quote what it was sent.
    private static MasterKeyException Unreachable(MasterKeyId id, Exception e) =>
        new($"The key service did not answer for master key {id} ({e.GetType().Name}).");
}
