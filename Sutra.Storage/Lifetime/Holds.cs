namespace Sutra.Storage.Lifetime;

/// <summary>Counts who holds something that has to be freed by hand: it goes with the last of them. One hold is there from the start. A field, never copied.</summary>
internal struct Holds()
{
    private int _count = 1;

    /// <returns>False: the last hold has gone already.</returns>
    public bool TryAdd()
    {
        int count;
        do
        {
            count = Volatile.Read(ref _count);
            if (count == 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _count, count + 1, count) != count);
        return true;
    }

    /// <returns>True: that was the last.</returns>
    public bool Remove() => Interlocked.Decrement(ref _count) == 0;
}
