using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Options of one run; default ones may be shared by concurrent runs.</summary>
public class RunOptions : SafeHandle
{
    public unsafe RunOptions()
        : base(0, ownsHandle: true)
    {
        nint options;
        OrtApi.Check(OrtApi.CreateRunOptions(&options));
        SetHandle(options);
    }

    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    protected override unsafe bool ReleaseHandle()
    {
        OrtApi.ReleaseRunOptions(handle);
        return true;
    }
}
