namespace Sutra.Storage.Encryption.Sealing;

/// <summary>An unwrapped data key. It is zeroed when the ring has let go of it and its last user is done.</summary>
internal sealed class DataKey(ulong id, ReadOnlySpan<byte> key)
{
    private int _users = 1;

    public ulong Id => id;

    public Xaes256Gcm Cipher { get; } = new(key);

    /// <summary>False: it was let go of meanwhile. True must be followed by <see cref="Release"/>.</summary>
    public bool TryUse()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Cipher.Dispose();
        }
    }
}
