using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Inference;

/// <summary>An ONNX graph that takes token ids and gives vectors; one session, run by many threads at once.</summary>
internal sealed class ModelSession : IDisposable
{
    private const string InputIds = "input_ids";
    private const string AttentionMask = "attention_mask";
    private const string TokenTypeIds = "token_type_ids";

    private readonly InferenceSession _session;
    private readonly string[] _outputNames;
    private readonly RunOptions _runOptions = new();

    public ModelSession(ModelFolder folder)
    {
        try
        {
            using var options = new Microsoft.ML.OnnxRuntime.SessionOptions
            {
                // One thread a run and as many runs as cores: no barrier inside a run, and each text leaves when it is done.
                IntraOpNumThreads = 1,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
                // Warnings on a model's unused initialisers are not ours to act on.
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            _session = new InferenceSession(folder.OnnxPath, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"'{folder.OnnxPath}' cannot be loaded: {e.Message}", e);
        }

        try
        {
            CheckInputs(folder);
            (var output, GivesTokens, Dimensions) = ChooseOutput(folder);
            _outputNames = [output];
        }
        catch
        {
            Dispose();
            throw;
        }

        Pooling = folder.Pooling;
    }

    /// <summary>The output is [batch, tokens, dimensions] and must be pooled; else it is [batch, dimensions].</summary>
    public bool GivesTokens { get; }

    public PoolingMode Pooling { get; }

    /// <summary>Of a vector; 0 when the graph does not fix it: the first run tells.</summary>
    public int Dimensions { get; private set; }

    /// <summary>Without a mask a text's vector would depend on its padding.</summary>
    public bool HasMask => _session.InputMetadata.ContainsKey(AttentionMask);

    /// <summary>A graph that leaves its vector's size open is run once to learn it.</summary>
    public void LearnDimensions(OrtValue ids, OrtValue mask, OrtValue types)
    {
        using var outputs = _session.Run(_runOptions, _session.InputNames, Inputs(ids, mask, types), _outputNames);
        var shape = outputs.First().GetTensorTypeAndShape().Shape;
        Dimensions = checked((int)shape[^1]);
    }

    /// <summary>Runs the graph on [batch, tokens] ids, mask and types into <paramref name="output"/>.</summary>
    public void Run(OrtValue ids, OrtValue mask, OrtValue types, OrtValue output) =>
        _session.Run(_runOptions, _session.InputNames, Inputs(ids, mask, types), _outputNames, [output]);

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    // In the order of the graph's inputs.
    private OrtValue[] Inputs(OrtValue ids, OrtValue mask, OrtValue types)
    {
        var inputs = new OrtValue[_session.InputNames.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = _session.InputNames[i] switch
            {
                InputIds => ids,
                AttentionMask => mask,
                _ => types,
            };
        }

        return inputs;
    }

    private void CheckInputs(ModelFolder folder)
    {
        foreach (var (name, input) in _session.InputMetadata)
        {
            if (name is not (InputIds or AttentionMask or TokenTypeIds))
            {
                throw new ModelException($"'{folder.OnnxPath}' wants an input '{name}'; only {InputIds}, {AttentionMask} and {TokenTypeIds} can be given.");
            }

            if (!input.IsTensor || input.ElementDataType != TensorElementType.Int64 || input.Dimensions.Length != 2)
            {
                throw new ModelException($"'{folder.OnnxPath}': input '{name}' is not an int64 tensor [batch, tokens].");
            }
        }

        if (!_session.InputMetadata.ContainsKey(InputIds))
        {
            throw new ModelException($"'{folder.OnnxPath}' has no input '{InputIds}'.");
        }
    }

    private (string Name, bool GivesTokens, int Dimensions) ChooseOutput(ModelFolder folder)
    {
        // A pooled output first; then the names that exporters give to token vectors; then whatever has the right form.
        string[] preferred = ["sentence_embedding", "last_hidden_state", "token_embeddings", .. _session.OutputNames];
        foreach (var name in preferred)
        {
            if (_session.OutputMetadata.TryGetValue(name, out var output)
                && output.IsTensor
                && output.ElementDataType == TensorElementType.Float
                && output.Dimensions.Length is 2 or 3)
            {
                return (name, output.Dimensions.Length == 3, Math.Max(0, output.Dimensions[^1]));
            }
        }

        throw new ModelException(
            $"'{folder.OnnxPath}' has no float output [batch, dimensions] or [batch, tokens, dimensions] among {string.Join(", ", _session.OutputNames)}.");
    }
}
