using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A loaded model; <c>Run</c> may be called by many threads at once.</summary>
public unsafe class InferenceSession : IDisposable
{
    private readonly Dictionary<string, (NodeMetadata Metadata, nint Name)> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (NodeMetadata Metadata, nint Name)> _outputs = new(StringComparer.Ordinal);
    private nint _handle;

    public InferenceSession(string modelPath, SessionOptions options)
    {
        nint session;
        // ORTCHAR_T: UTF-16 on Windows, UTF-8 elsewhere.
        if (OperatingSystem.IsWindows())
        {
            fixed (char* path = modelPath)
            {
                OrtApi.Check(OrtApi.CreateSession(OrtEnv.Instance().Handle, path, options.Handle, &session));
            }
        }
        else
        {
            fixed (byte* path = OrtApi.Utf8(modelPath))
            {
                OrtApi.Check(OrtApi.CreateSession(OrtEnv.Instance().Handle, path, options.Handle, &session));
            }
        }

        _handle = session;
        try
        {
            nuint inputs, outputs;
            OrtApi.Check(OrtApi.SessionGetInputCount(session, &inputs));
            OrtApi.Check(OrtApi.SessionGetOutputCount(session, &outputs));
            InputNames = ReadNodes(inputs, _inputs, OrtApi.SessionGetInputName, OrtApi.SessionGetInputTypeInfo);
            OutputNames = ReadNodes(outputs, _outputs, OrtApi.SessionGetOutputName, OrtApi.SessionGetOutputTypeInfo);
            InputMetadata = _inputs.ToDictionary(n => n.Key, n => n.Value.Metadata, StringComparer.Ordinal);
            OutputMetadata = _outputs.ToDictionary(n => n.Key, n => n.Value.Metadata, StringComparer.Ordinal);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    ~InferenceSession() => Dispose(disposing: false);

    public IReadOnlyDictionary<string, NodeMetadata> InputMetadata { get; }

    public IReadOnlyDictionary<string, NodeMetadata> OutputMetadata { get; }

    /// <summary>In the model's order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>In the model's order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Runs the model; the outputs are allocated by the library and belong to the caller.</summary>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        RunOptions runOptions,
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames)
    {
        var outputs = stackalloc nint[outputNames.Count];
        new Span<nint>(outputs, outputNames.Count).Clear();
        RunCore(runOptions, inputNames, inputValues, outputNames, outputs);

        var results = new DisposableList<OrtValue>(outputNames.Count);
        for (var i = 0; i < outputNames.Count; i++)
        {
            results.Add(new OrtValue(outputs[i]));
        }

        return results;
    }

    /// <summary>Runs the model into values that the caller made, of the right type and shape.</summary>
    public void Run(
        RunOptions runOptions,
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames,
        IReadOnlyCollection<OrtValue> outputValues)
    {
        if (outputNames.Count != outputValues.Count)
        {
            throw new ArgumentException(
                $"Length of {nameof(outputNames)} ({outputNames.Count}) must match that of {nameof(outputValues)} ({outputValues.Count}).");
        }

        var outputs = stackalloc nint[outputValues.Count];
        Handles(outputValues, outputs);
        RunCore(runOptions, inputNames, inputValues, outputNames, outputs);
        GC.KeepAlive(outputValues);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_handle == 0)
        {
            return;
        }

        OrtApi.ReleaseSession(_handle);
        _handle = 0;
        foreach (var node in _inputs.Values.Concat(_outputs.Values))
        {
            NativeMemory.Free((void*)node.Name);
        }
    }

    private void RunCore(
        RunOptions runOptions,
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames,
        nint* outputs)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        if (inputNames.Count != inputValues.Count)
        {
            throw new ArgumentException(
                $"Length of {nameof(inputNames)} ({inputNames.Count}) must match that of {nameof(inputValues)} ({inputValues.Count}).");
        }

        var names = stackalloc byte*[inputNames.Count];
        Names(inputNames, _inputs, "Input", names);
        var results = stackalloc byte*[outputNames.Count];
        Names(outputNames, _outputs, "Output", results);
        var inputs = stackalloc nint[inputValues.Count];
        Handles(inputValues, inputs);
        OrtApi.Check(OrtApi.Run(
            _handle, runOptions.Handle, names, inputs, (nuint)inputNames.Count, results, (nuint)outputNames.Count, outputs));
        GC.KeepAlive(inputValues);
        GC.KeepAlive(this);
    }

    private static void Names(IReadOnlyCollection<string> names, Dictionary<string, (NodeMetadata, nint Name)> known, string kind, byte** target)
    {
        foreach (var name in names)
        {
            *target++ = known.TryGetValue(name, out var node)
                ? (byte*)node.Name
                : throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"{kind} name: '{name}' is not in the metadata");
        }
    }

    private static void Handles(IReadOnlyCollection<OrtValue> values, nint* target)
    {
        foreach (var value in values)
        {
            *target++ = value.Handle;
        }
    }

    private List<string> ReadNodes(
        nuint count,
        Dictionary<string, (NodeMetadata, nint)> nodes,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> getName,
        delegate* unmanaged<nint, nuint, nint*, nint> getTypeInfo)
    {
        nint allocator;
        OrtApi.Check(OrtApi.GetAllocatorWithDefaultOptions(&allocator));
        var names = new List<string>((int)count);
        for (nuint i = 0; i < count; i++)
        {
            byte* text;
            OrtApi.Check(getName(_handle, i, allocator, &text));
            var name = OrtApi.Text(text);
            OrtApi.Check(OrtApi.AllocatorFree(allocator, text));

            nint typeInfo;
            OrtApi.Check(getTypeInfo(_handle, i, &typeInfo));
            try
            {
                nodes.Add(name, (new NodeMetadata(typeInfo), NativeCopy(name)));
            }
            finally
            {
                OrtApi.ReleaseTypeInfo(typeInfo);
            }

            names.Add(name);
        }

        return names;
    }

    // Kept for the life of the session, so that a run does not encode its names again.
    private static nint NativeCopy(string name)
    {
        var bytes = OrtApi.Utf8(name);
        var copy = NativeMemory.Alloc((nuint)bytes.Length);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return (nint)copy;
    }
}
