using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Where memory lies.</summary>
public class OrtMemoryInfo : SafeHandle
{
    private const int DeviceAllocator = 0;
    private const int DefaultMemory = 0;

    private static readonly Lazy<OrtMemoryInfo> Cpu = new(() => new OrtMemoryInfo());

    private unsafe OrtMemoryInfo()
        : base(0, ownsHandle: true)
    {
        nint info;
        OrtApi.Check(OrtApi.CreateCpuMemoryInfo(DeviceAllocator, DefaultMemory, &info));
        SetHandle(info);
    }

    /// <summary>Plain CPU memory.</summary>
    public static OrtMemoryInfo DefaultInstance => Cpu.Value;

    public override bool IsInvalid => handle == 0;

    internal nint Pointer => handle;

    protected override unsafe bool ReleaseHandle()
    {
        OrtApi.ReleaseMemoryInfo(handle);
        return true;
    }
}
