using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Inference;

/// <summary>One output of a graph.</summary>
/// <param name="Name">In the graph.</param>
/// <param name="GivesTokens">[batch, tokens, dimensions]; else [batch, dimensions].</param>
/// <param name="Dimensions">Of a vector; 0 when the graph does not fix it: the first run tells.</param>
internal sealed record ModelOutput(string Name, bool GivesTokens, int Dimensions)
{
    public string[] Names { get; } = [Name];
}

/// <summary>An ONNX graph that takes token ids and gives vectors; one session, run by many threads at once.</summary>
internal sealed class ModelSession : IDisposable
{
    private const string InputIds = "input_ids";
    private const string AttentionMask = "attention_mask";
    private const string TokenTypeIds = "token_type_ids";

    // A pooled output first; then the names that exporters give to token vectors.
    private static readonly string[] PreferredOutputs = ["sentence_embedding", "last_hidden_state", "token_embeddings"];

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    public ModelSession(ModelFolder folder, HardwareProfile hardware = HardwareProfile.Cpu)
    {
        try
        {
            // Its own builds report what they run to Microsoft unless they are told not to.
            OrtEnv.Instance().DisableTelemetryEvents();
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
            Provider = ExecutionProviders.Append(options, hardware);
            _session = new InferenceSession(folder.OnnxPath, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"'{folder.OnnxPath}' cannot be loaded: {e.Message}", e);
        }

        try
        {
            CheckInputs(folder);
            VectorOutput = Choose(2, 3) ?? throw new ModelException(
                $"'{folder.OnnxPath}' has no float output [batch, dimensions] or [batch, tokens, dimensions] among {string.Join(", ", _session.OutputNames)}.");
            TokenOutput = VectorOutput.GivesTokens ? VectorOutput : Choose(3);
        }
        catch
        {
            Dispose();
            throw;
        }

        Pooling = folder.Pooling;
    }

    /// <summary>What a text's vector is made of.</summary>
    public ModelOutput VectorOutput { get; private set; }

    /// <summary>What gives a vector of each token; null: nothing does.</summary>
    public ModelOutput? TokenOutput { get; private set; }

    public PoolingMode Pooling { get; }

    public int Dimensions => VectorOutput.Dimensions;

    /// <summary>Where it runs: <c>cpu</c> or <c>cuda</c>.</summary>
    public string Provider { get; }

    /// <summary>Without a mask a text's vector would depend on its padding.</summary>
    public bool HasMask => _session.InputMetadata.ContainsKey(AttentionMask);

    /// <summary>A graph that leaves the size of its vectors open is run once to learn it.</summary>
    public void LearnDimensions(OrtValue ids, OrtValue mask, OrtValue types)
    {
        VectorOutput = Learn(VectorOutput);
        TokenOutput = TokenOutput is null ? null : Learn(TokenOutput);

        ModelOutput Learn(ModelOutput output)
        {
            using var outputs = _session.Run(_runOptions, _session.InputNames, Inputs(ids, mask, types), output.Names);
            return output with { Dimensions = checked((int)outputs.First().GetTensorTypeAndShape().Shape[^1]) };
        }
    }

    /// <summary>Runs the graph on [batch, tokens] ids, mask and types into <paramref name="values"/>.</summary>
    public void Run(OrtValue ids, OrtValue mask, OrtValue types, ModelOutput output, OrtValue values) =>
        _session.Run(_runOptions, _session.InputNames, Inputs(ids, mask, types), output.Names, [values]);

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

    private ModelOutput? Choose(params ReadOnlySpan<int> ranks)
    {
        foreach (var name in PreferredOutputs.Concat(_session.OutputNames))
        {
            if (_session.OutputMetadata.TryGetValue(name, out var output)
                && output.IsTensor
                && output.ElementDataType == TensorElementType.Float
                && ranks.Contains(output.Dimensions.Length))
            {
                return new ModelOutput(name, output.Dimensions.Length == 3, Math.Max(0, output.Dimensions[^1]));
            }
        }

        return null;
    }
}
