using System.Runtime.CompilerServices;

namespace Sutra.Storage.Hnsw;

/// <summary>
/// A slot and its distance in one number that sorts as they do: nearer first, equal distances by slot. The lowest bit says that the
/// slot's links have been followed.
/// </summary>
internal static class Candidate
{
    public const ulong Expanded = 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Key(float distance, uint slot)
    {
        // The usual trick that makes the bits of floats, negative ones too, compare like unsigned integers.
        var bits = BitConverter.SingleToInt32Bits(distance);
        return (ulong)(uint)(bits ^ ((bits >> 31) | int.MinValue)) << 32 | slot << 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Slot(ulong key) => (uint)key >> 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Distance(ulong key)
    {
        var sortable = (int)(key >> 32);
        return BitConverter.Int32BitsToSingle(sortable ^ (~(sortable >> 31) | int.MinValue));
    }
}
