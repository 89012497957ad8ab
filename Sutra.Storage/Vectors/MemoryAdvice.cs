using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Sutra.Storage.Vectors;

/// <summary>What the processor and the system are told about memory that will be read at random.</summary>
internal static unsafe partial class MemoryAdvice
{
    private const int HugePages = 14;

    /// <summary>
    /// Asks Linux for pages of 2 MiB: a walk through a graph touches a new page with almost every row, and small pages cost a page walk
    /// each. A wish only; elsewhere it does nothing.
    /// </summary>
    public static void UseHugePages(void* memory, nuint bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(memory, bytes, HugePages);
        }
    }

    /// <summary>Begins to load the cache line of an address. .NET has no such instruction for Arm yet: there it does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
