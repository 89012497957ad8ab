using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>The process-wide environment; made on first use, with telemetry events off.</summary>
public sealed class OrtEnv : SafeHandle
{
    private static readonly Lazy<OrtEnv> Shared = new(() => new OrtEnv());

    private unsafe OrtEnv()
        : base(0, ownsHandle: true)
    {
        nint environment;
        fixed (byte* id = OrtApi.Utf8("CSharpOnnxRuntime"))
        {
            OrtApi.Check(OrtApi.CreateEnv((int)OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, id, &environment));
        }

        SetHandle(environment);
        DisableTelemetryEvents();
    }

    public static OrtEnv Instance() => Shared.Value;

    /// <summary>Nothing is reported to Microsoft any more.</summary>
    public unsafe void DisableTelemetryEvents() => OrtApi.Check(OrtApi.DisableTelemetryEvents(handle));

    /// <summary>Version of the native library.</summary>
    public string GetVersionString() => OrtApi.LibraryVersion;

    /// <summary>The execution providers that the native library was built with.</summary>
    public unsafe string[] GetAvailableProviders()
    {
        byte** names;
        int count;
        OrtApi.Check(OrtApi.GetAvailableProviders(&names, &count));
        try
        {
            var providers = new string[count];
            for (var i = 0; i < count; i++)
            {
                providers[i] = OrtApi.Text(names[i]);
            }

            return providers;
        }
        finally
        {
            OrtApi.Check(OrtApi.ReleaseAvailableProviders(names, count));
        }
    }

    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    protected override unsafe bool ReleaseHandle()
    {
        OrtApi.ReleaseEnv(handle);
        return true;
    }
}
