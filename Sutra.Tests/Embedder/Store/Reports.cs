using System.Collections.Concurrent;
using Sutra.Embedder.Store;

namespace Sutra.Tests.Embedder.Store;

/// <summary>What a pull tells of itself.</summary>
internal sealed class Reports(Action<PullProgress> report) : IProgress<PullProgress>
{
    public Reports(ConcurrentQueue<PullProgress> queue)
        : this(queue.Enqueue)
    {
    }

    public void Report(PullProgress value) => report(value);
}
