using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How a session runs; each property reaches the native options when it is set.</summary>
public unsafe class SessionOptions : SafeHandle
{
    private bool _enableMemoryPattern = true;
    private bool _enableCpuMemArena = true;
    private OrtLoggingLevel _logSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;
    private int _intraOpNumThreads;
    private int _interOpNumThreads;
    private GraphOptimizationLevel _graphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL;
    private ExecutionMode _executionMode = ExecutionMode.ORT_SEQUENTIAL;

    public SessionOptions()
        : base(0, ownsHandle: true)
    {
        nint options;
        OrtApi.Check(OrtApi.CreateSessionOptions(&options));
        SetHandle(options);
    }

    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    public bool EnableMemoryPattern
    {
        get => _enableMemoryPattern;
        set
        {
            OrtApi.Check(value ? OrtApi.EnableMemPattern(handle) : OrtApi.DisableMemPattern(handle));
            _enableMemoryPattern = value;
        }
    }

    public bool EnableCpuMemArena
    {
        get => _enableCpuMemArena;
        set
        {
            OrtApi.Check(value ? OrtApi.EnableCpuMemArena(handle) : OrtApi.DisableCpuMemArena(handle));
            _enableCpuMemArena = value;
        }
    }

    public OrtLoggingLevel LogSeverityLevel
    {
        get => _logSeverityLevel;
        set
        {
            OrtApi.Check(OrtApi.SetSessionLogSeverityLevel(handle, (int)value));
            _logSeverityLevel = value;
        }
    }

    /// <summary>Threads within one operator; 0 (default) lets the library choose.</summary>
    public int IntraOpNumThreads
    {
        get => _intraOpNumThreads;
        set
        {
            OrtApi.Check(OrtApi.SetIntraOpNumThreads(handle, value));
            _intraOpNumThreads = value;
        }
    }

    /// <summary>Threads across operators, in parallel execution; 0 (default) lets the library choose.</summary>
    public int InterOpNumThreads
    {
        get => _interOpNumThreads;
        set
        {
            OrtApi.Check(OrtApi.SetInterOpNumThreads(handle, value));
            _interOpNumThreads = value;
        }
    }

    public GraphOptimizationLevel GraphOptimizationLevel
    {
        get => _graphOptimizationLevel;
        set
        {
            OrtApi.Check(OrtApi.SetSessionGraphOptimizationLevel(handle, (int)value));
            _graphOptimizationLevel = value;
        }
    }

    public ExecutionMode ExecutionMode
    {
        get => _executionMode;
        set
        {
            OrtApi.Check(OrtApi.SetSessionExecutionMode(handle, (int)value));
            _executionMode = value;
        }
    }

    public void AddSessionConfigEntry(string configKey, string configValue)
    {
        fixed (byte* key = OrtApi.Utf8(configKey), value = OrtApi.Utf8(configValue))
        {
            OrtApi.Check(OrtApi.AddSessionConfigEntry(handle, key, value));
        }
    }

    /// <summary>Throws when the native library was built without CUDA, or finds no GPU.</summary>
    public void AppendExecutionProvider_CUDA(int deviceId = 0)
    {
        try
        {
            OrtApi.Check(OrtApi.OrtSessionOptionsAppendExecutionProvider_CUDA(handle, deviceId));
        }
        catch (EntryPointNotFoundException)
        {
            throw new OnnxRuntimeException(ErrorCode.Fail, "CUDA execution provider is not enabled in this build.");
        }
    }

    protected override bool ReleaseHandle()
    {
        OrtApi.ReleaseSessionOptions(handle);
        return true;
    }
}
