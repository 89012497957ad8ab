namespace Sutra.Embedder.Inference;

/// <summary>Where models run: the variable <c>HARDWARE_PROFILE</c>, default <see cref="Auto"/>.</summary>
public enum HardwareProfile
{
    /// <summary>On a GPU if this build and this machine have one that ONNX Runtime can use, else on the CPU.</summary>
    Auto,

    Cpu,

    /// <summary>On an NVIDIA GPU or not at all.</summary>
    Gpu,
}
