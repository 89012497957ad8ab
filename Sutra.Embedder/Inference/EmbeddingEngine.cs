using Sutra.Embedder.Models;
using Sutra.Embedder.Telemetry;
using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Inference;

/// <summary>A loaded model with its queue and workers: texts in, vectors out. Thread-safe.</summary>
public sealed class EmbeddingEngine : IDisposable
{
    private readonly TextTokenizer _tokenizer;
    private readonly ModelSession _session;
    private readonly TextQueue _queue;
    private readonly EmbeddingWorkers _workers;

    /// <summary>Loads the model and runs it once; a <see cref="ModelException"/> says what is wrong with the folder.</summary>
    internal EmbeddingEngine(EmbedderOptions options, EmbedderTelemetry telemetry, TimeProvider time, ILogger<EmbeddingEngine> logger)
    {
        var folder = ModelFolder.Open(options.ModelPath);
        _tokenizer = TextTokenizer.Load(folder.TokenizerPath);
        MaxTokens = folder.MaxTokens;
        if (MaxTokens <= _tokenizer.SpecialTokens)
        {
            throw new ModelException($"The model in '{folder.Path}' reads {MaxTokens} tokens, of which {_tokenizer.SpecialTokens} are special ones.");
        }

        if (folder.VocabularySize < _tokenizer.VocabularySize)
        {
            throw new ModelException(
                $"The tokenizer in '{folder.Path}' has ids up to {_tokenizer.VocabularySize - 1}, but its model only {folder.VocabularySize} tokens.");
        }

        Model = ModelIdentity.Of(folder, options.ModelName);
        ModelWritten = new DateTimeOffset(File.GetLastWriteTimeUtc(folder.OnnxPath));
        _session = new ModelSession(folder);
        try
        {
            TryOut(folder);
        }
        catch
        {
            _session.Dispose();
            throw;
        }

        var policy = new BatchPolicy(options.BatchTokens, _session.HasMask ? options.BatchPadding : 0, options.BatchTexts);
        _queue = new TextQueue(options.QueueCapacity, policy, MaxTokens);
        telemetry.Watch(_queue);
        var workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
        _workers = new EmbeddingWorkers(workers, _session, _queue, telemetry, time, logger);
    }

    public ModelIdentity Model { get; }

    /// <summary>When the model's file was last written.</summary>
    public DateTimeOffset ModelWritten { get; }

    public int Dimensions => _session.Dimensions;

    /// <summary>Most tokens, special ones included, that are read of a text; the rest is cut.</summary>
    public int MaxTokens { get; }

    /// <summary>Token ids are below this.</summary>
    public int VocabularySize => _tokenizer.VocabularySize;

    public int Workers => _workers.Count;

    public int AliveWorkers => _workers.Alive;

    /// <summary>Texts that no worker has taken yet.</summary>
    public int Waiting => _queue.Waiting;

    /// <summary>Since a text was last embedded.</summary>
    public TimeSpan SinceSuccess => _workers.SinceSuccess;

    /// <summary>
    /// Embeds texts; the result is in their order. Cancellation takes what still waits out of the queue.
    /// </summary>
    /// <exception cref="UnembeddableTextException">A text is empty, or has nothing in it that the model knows.</exception>
    /// <exception cref="QueueFullException">Too many texts wait.</exception>
    /// <exception cref="InferenceException">The model failed.</exception>
    public async Task<IReadOnlyList<TextEmbedding>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellation = default) =>
        await RunAsync(Prepare(texts, EncodeText, cancellation), cancellation);

    /// <summary>Embeds texts given as token ids of this model's own vocabulary; special tokens are added unless they are there.</summary>
    /// <inheritdoc cref="EmbedAsync"/>
    public async Task<IReadOnlyList<TextEmbedding>> EmbedTokensAsync(IReadOnlyList<int[]> texts, CancellationToken cancellation = default) =>
        await RunAsync(Prepare(texts, EncodeTokens, cancellation), cancellation);

    /// <summary>Embeds one text of a stream: where <see cref="EmbedAsync"/> would refuse, this waits for room.</summary>
    public async Task<TextEmbedding> EmbedPatientlyAsync(string text, CancellationToken cancellation = default)
    {
        var request = Prepare([text], EncodeText, cancellation);
        try
        {
            while (!_queue.TryAdd(request))
            {
                await _queue.WaitForRoomAsync(cancellation);
            }
        }
        catch
        {
            request.Close(1);
            throw;
        }

        return (await FinishAsync(request, cancellation))[0];
    }

    /// <summary>Runs the model for real on one token; what it answers does not matter, that it does, does.</summary>
    public async Task ProbeAsync(CancellationToken cancellation = default)
    {
        try
        {
            await EmbedTokensAsync([[0]], cancellation);
        }
        catch (UnembeddableTextException)
        {
            // The model ran, and gave this token no direction.
        }
    }

    public void Dispose()
    {
        _workers.Dispose();
        _session.Dispose();
    }

    private static TokenRange EncodeText(TextTokenizer tokenizer, string text, int maxTokens, TokenBuffer tokens) =>
        tokenizer.Encode(text, maxTokens, tokens);

    private static TokenRange EncodeTokens(TextTokenizer tokenizer, int[] text, int maxTokens, TokenBuffer tokens) =>
        tokenizer.Encode(text, maxTokens, tokens);

    private EmbeddingRequest Prepare<T>(IReadOnlyList<T> texts, Func<TextTokenizer, T, int, TokenBuffer, TokenRange> encode, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var tokens = new TokenBuffer();
        try
        {
            var ranges = new TokenRange[texts.Count];
            for (var i = 0; i < texts.Count; i++)
            {
                ranges[i] = encode(_tokenizer, texts[i], MaxTokens, tokens);
                if (ranges[i].Length == 0)
                {
                    throw new UnembeddableTextException(i, "has nothing in it that the model knows.");
                }
            }

            return new EmbeddingRequest(tokens, ranges);
        }
        catch
        {
            tokens.Dispose();
            throw;
        }
    }

    private async Task<IReadOnlyList<TextEmbedding>> RunAsync(EmbeddingRequest request, CancellationToken cancellation)
    {
        if (!_queue.TryAdd(request))
        {
            request.Close(request.Texts.Length);
            throw new QueueFullException(_queue.Capacity);
        }

        return await FinishAsync(request, cancellation);
    }

    private async Task<IReadOnlyList<TextEmbedding>> FinishAsync(EmbeddingRequest request, CancellationToken cancellation)
    {
        await using var registration = cancellation.UnsafeRegister(
            static (state, token) =>
            {
                var (queue, request) = ((TextQueue, EmbeddingRequest))state!;
                request.Cancel(token);
                queue.Remove(request);
            },
            (_queue, request));
        return await request.Completion;
    }

    // What the graph promises is only known when it has run; two texts of different length also tell whether it takes batches.
    private void TryOut(ModelFolder folder)
    {
        using var tokens = new TokenBuffer();
        TokenRange[] ranges = [_tokenizer.Encode([0], MaxTokens, tokens), _tokenizer.Encode([0, 0], MaxTokens, tokens)];
        var pass = new ForwardPass(_session);
        try
        {
            if (_session.Dimensions == 0)
            {
                pass.LearnDimensions();
            }

            pass.Run(new EmbeddingRequest(tokens, ranges).Texts, new float[]?[2]);
        }
        catch (Exception e)
        {
            throw new ModelException($"'{folder.OnnxPath}' was loaded, but does not run: {e.Message}", e);
        }
    }
}
