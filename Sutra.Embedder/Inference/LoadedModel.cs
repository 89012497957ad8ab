using Sutra.Embedder.Models;
using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Inference;

/// <summary>A model that can be run: its tokenizer and its graph, both tried out.</summary>
internal sealed class LoadedModel : ScheduledModel, IDisposable
{
    private readonly ModelSession _session;
    private int _disposed;

    private LoadedModel(ModelFolder folder, ModelIdentity identity, TextTokenizer tokenizer, ModelSession session, BatchPolicy policy)
        : base(policy, folder.MaxTokens)
    {
        Folder = folder;
        Identity = identity;
        Tokenizer = tokenizer;
        _session = session;
        Written = new DateTimeOffset(File.GetLastWriteTimeUtc(folder.OnnxPath));
        Bytes = folder.IdentityFiles().Sum(file => new FileInfo(Path.Combine(folder.Path, file)).Length);
    }

    public ModelFolder Folder { get; }

    public ModelIdentity Identity { get; }

    public override string Name => Identity.Name;

    public TextTokenizer Tokenizer { get; }

    public int Dimensions => _session.Dimensions;

    /// <summary>The sizes that a vector may be cut to, the whole one included, largest first.</summary>
    public IReadOnlyList<int> LegalDimensions =>
        [.. Folder.MatryoshkaDimensions.Where(size => size < Dimensions).Append(Dimensions).OrderDescending().Distinct()];

    /// <summary>Of a token's vector; null: the model gives none.</summary>
    public int? TokenDimensions => _session.TokenOutput?.Dimensions;

    /// <summary>Where it runs: <c>cpu</c> or <c>cuda</c>.</summary>
    public string Provider => _session.Provider;

    /// <summary>When the model's file was last written.</summary>
    public DateTimeOffset Written { get; }

    /// <summary>Size of its files, which is about what it holds in memory.</summary>
    public long Bytes { get; }

    /// <summary>Loads the model and runs it once; a <see cref="ModelException"/> says what is wrong with it.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="name">What it is served under; null: its folder's name.</param>
    /// <param name="options">How texts are packed.</param>
    /// <param name="hardware">Where it is to run.</param>
    public static LoadedModel Load(ModelFolder folder, string? name, EmbedderOptions options, HardwareProfile hardware = HardwareProfile.Cpu)
    {
        var tokenizer = TextTokenizer.Load(folder.TokenizerPath);
        if (folder.MaxTokens <= tokenizer.SpecialTokens)
        {
            throw new ModelException($"The model in '{folder.Path}' reads {folder.MaxTokens} tokens, of which {tokenizer.SpecialTokens} are special ones.");
        }

        if (folder.VocabularySize < tokenizer.VocabularySize)
        {
            throw new ModelException(
                $"The tokenizer in '{folder.Path}' has ids up to {tokenizer.VocabularySize - 1}, but its model only {folder.VocabularySize} tokens.");
        }

        var isDynamic = OnnxOperators.IsDynamicallyQuantised(folder.OnnxPath);
        var session = new ModelSession(folder, hardware);
        try
        {
            var policy = session.Provider == ExecutionProviders.Cuda
                ? new BatchPolicy(options.GpuBatchTokens, options.GpuBatchPadding, options.BatchTexts)
                : new BatchPolicy(options.BatchTokens, options.BatchPadding, options.BatchTexts);
            var model = new LoadedModel(folder, ModelIdentity.Of(folder, name), tokenizer, session, policy with
            {
                MaxPadding = session.HasMask ? policy.MaxPadding : 0,
                MaxTexts = isDynamic && !options.PackDynamicallyQuantised ? 1 : policy.MaxTexts,
            });
            model.TryOut();
            return model;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public override void Run(ForwardPass pass, IReadOnlyList<PendingText> batch, Span<float[]?> outputs) => pass.Run(_session, batch, outputs);

    /// <summary>Lets it go; its memory is freed when no worker is at it any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Release();
        }
    }

    protected override void Free() => _session.Dispose();

    // What the graph promises is only known when it has run; two texts of different length also tell whether it takes batches.
    private void TryOut()
    {
        using var tokens = new TokenBuffer();
        TokenRange[] ranges = [Tokenizer.Encode([0], MaxTokens, tokens), Tokenizer.Encode([0, 0], MaxTokens, tokens)];
        try
        {
            if (_session.Dimensions == 0 || _session.TokenOutput is { Dimensions: 0 })
            {
                ForwardPass.LearnDimensions(_session);
            }

            var texts = new EmbeddingRequest(this, tokens, ranges).Texts;
            if (Policy.MaxTexts > 1)
            {
                Run(new ForwardPass(), texts, new float[]?[2]);
            }
            else
            {
                Run(new ForwardPass(), [texts[1]], new float[]?[1]);
            }
        }
        catch (Exception e)
        {
            throw new ModelException($"'{Folder.OnnxPath}' was loaded, but does not run: {e.Message}", e);
        }
    }
}
