namespace Microsoft.ML.OnnxRuntime;

/// <summary>Codes of the native library.</summary>
internal enum ErrorCode
{
    Ok,
    Fail,
    InvalidArgument,
    NoSuchFile,
    NoModel,
    EngineError,
    RuntimeException,
    InvalidProtobuf,
    ModelLoaded,
    NotImplemented,
    InvalidGraph,
    ShapeInferenceNotRegistered,
    RequirementNotRegistered,
}

/// <summary>An error that ONNX Runtime reported.</summary>
public class OnnxRuntimeException : Exception
{
    internal OnnxRuntimeException(ErrorCode errorCode, string message)
        : base($"[ErrorCode:{errorCode}] {message}")
    {
    }
}
