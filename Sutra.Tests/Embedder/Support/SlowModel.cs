using Sutra.Embedder.Inference;

namespace Sutra.Tests.Embedder.Support;

/// <summary>A model whose run takes until a test lets it end.</summary>
internal sealed class SlowModel() : ScheduledModel(new BatchPolicy(64, 0.1, 1), maxTokens: 8)
{
    public override string Name => "slow";

    public ManualResetEventSlim Begun { get; } = new();

    public ManualResetEventSlim MayEnd { get; } = new();

    public ManualResetEventSlim Freed { get; } = new();

    public override void Run(ForwardPass pass, IReadOnlyList<PendingText> batch, Span<float[]?> outputs)
    {
        Begun.Set();
        MayEnd.Wait();
        outputs.Fill([1]);
    }

    protected override void Free() => Freed.Set();
}
