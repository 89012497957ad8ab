using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Inference;

/// <summary>Chooses where ONNX Runtime runs a model.</summary>
internal static class ExecutionProviders
{
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";

    private const string CudaProvider = "CUDAExecutionProvider";

    private static readonly Lazy<bool> HasNvidiaDriver = new(() =>
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out var driver))
        {
            return false;
        }

        NativeLibrary.Free(driver);
        return true;
    });

    /// <summary>Adds the provider that <paramref name="hardware"/> asks for, and says which.</summary>
    /// <exception cref="ModelException">A GPU was asked for by name and there is none to be used.</exception>
    public static string Append(Microsoft.ML.OnnxRuntime.SessionOptions options, HardwareProfile hardware)
    {
        // ONNX Runtime would complain on stderr of what is only not there.
        if (hardware == HardwareProfile.Cpu || (hardware == HardwareProfile.Auto && !HasNvidiaDriver.Value))
        {
            return Cpu;
        }

        if (!OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider, StringComparer.Ordinal))
        {
            return hardware == HardwareProfile.Auto
                ? Cpu
                : throw new ModelException("HARDWARE_PROFILE is gpu, but this build of ONNX Runtime has no CUDA provider; 'auto' would run on the CPU.");
        }

        try
        {
            options.AppendExecutionProvider_CUDA();
            return Cuda;
        }
        catch (OnnxRuntimeException) when (hardware == HardwareProfile.Auto)
        {
            return Cpu; // The provider is there, a GPU or its driver is not.
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"HARDWARE_PROFILE is gpu, but CUDA cannot be used: {e.Message}", e);
        }
    }
}
