using System.Runtime.CompilerServices;
using Sutra.Storage.Log;

namespace Sutra.Storage.Vectors;

/// <summary>Checks a row of stored vectors the first time that somebody looks at it. Thread-safe.</summary>
/// <param name="rows">The rows.</param>
/// <param name="count">How many.</param>
/// <param name="checksums">CRC-32C of each, padding included.</param>
/// <param name="damaged">Makes what is thrown when row n is not what was written.</param>
internal sealed unsafe class RowChecks(RowView rows, uint count, uint* checksums, Func<uint, Exception> damaged)
{
    private readonly ulong[] _good = new ulong[(count + 63) / 64];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ensure(uint row)
    {
        if ((Volatile.Read(ref _good[row >> 6]) >> (int)(row & 63) & 1) == 0)
        {
            Check(row);
        }
    }

    private void Check(uint row)
    {
        if (Crc32C.Compute(new ReadOnlySpan<byte>(rows[row], rows.Stride)) != checksums[row])
        {
            throw damaged(row);
        }

        Interlocked.Or(ref _good[row >> 6], 1UL << (int)(row & 63));
    }
}
