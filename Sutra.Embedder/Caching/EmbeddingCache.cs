using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Caching;

/// <summary>
/// Texts to vectors through two cache levels: this process, then Redis, then the model. However many ask for the same text at
/// the same time, one gets it and the others wait for that.
/// </summary>
internal sealed class EmbeddingCache(CacheKeys keys, SharedVectors? shared, CacheMetrics metrics, IOptions<CacheOptions> options) : IVectorCache
{
    private readonly VectorLru _local = Watched(options.Value.MemoryBytes, metrics);
    private readonly ConcurrentDictionary<VectorKey, Slot> _running = new();

    public Task<TextEmbedding[]> GetOrMakeAsync(
        string space,
        int dimensions,
        WorkHints hints,
        IReadOnlyList<string> texts,
        Func<IReadOnlyList<int>, CancellationToken, Task<TextEmbedding[]>> make,
        CancellationToken cancellation)
    {
        var answers = new TextEmbedding[texts.Count];
        var names = keys.Of(space);
        List<Wanted>? missing = null;
        for (var i = 0; i < answers.Length; i++)
        {
            var key = names.Own(texts[i]);
            if (!_local.TryGet(key, out answers[i]))
            {
                (missing ??= new List<Wanted>(answers.Length - i)).Add(new Wanted(i, key));
            }
        }

        metrics.Lookups(CacheLevel.Local, answers.Length - (missing?.Count ?? 0));
        return missing is null
            ? Task.FromResult(answers)
            : FillAsync(new Call(names, dimensions, hints, texts, make, answers), missing, cancellation);
    }

    private static VectorLru Watched(long maxBytes, CacheMetrics metrics)
    {
        var local = new VectorLru(maxBytes);
        metrics.Watch(local);
        return local;
    }

    private async Task<TextEmbedding[]> FillAsync(Call call, List<Wanted> missing, CancellationToken cancellation)
    {
        // Again for what others were getting and then did not.
        while (missing.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var making = new Making(call.Hints.IsBulk);
            var (own, joined) = Divide(missing, making);
            try
            {
                // First, as those who are waited for may wait for these.
                if (own.Count > 0)
                {
                    await GetAsync(call, making, own, cancellation);
                }

                missing = await WaitAsync(call, making, joined, cancellation);
            }
            finally
            {
                foreach (var other in joined.Where(one => one.Running.Making != making))
                {
                    other.Running.Making.Leave();
                }
            }
        }

        return call.Answers;
    }

    /// <summary>What this call gets itself, and what it waits for: of other calls, or the same text twice in this one.</summary>
    private (List<Wanted> Own, List<Joined> Joined) Divide(List<Wanted> missing, Making making)
    {
        var own = new List<Wanted>(missing.Count);
        List<Joined> joined = [];
        Dictionary<VectorKey, int>? beside = null;
        foreach (var wanted in missing)
        {
            var mine = new Slot(making, own.Count);
            if (beside?.TryGetValue(wanted.Key, out var twin) == true)
            {
                joined.Add(new Joined(wanted, mine with { Index = twin }));
            }
            else if (_running.TryAdd(wanted.Key, mine))
            {
                own.Add(wanted);
            }
            else if (_running.TryGetValue(wanted.Key, out var running)
                && (running.Making == making || MayJoin(making, running.Making)))
            {
                joined.Add(new Joined(wanted, running));
            }
            else
            {
                (beside ??= [])[wanted.Key] = own.Count;
                own.Add(wanted);
            }
        }

        return (own, joined);
    }

    // What is bulk may wait long for its turn: others overtake it.
    private static bool MayJoin(Making own, Making other) => (own.IsBulk || !other.IsBulk) && other.TryJoin();

    /// <summary>Gets what is this call's own, for it and for all who wait for it.</summary>
    private async Task GetAsync(Call call, Making making, List<Wanted> own, CancellationToken cancellation)
    {
        TextEmbedding[]? got = null;
        try
        {
            using var registration = cancellation.UnsafeRegister(static making => ((Making)making!).LoseCaller(), making);
            got = await FindOrMakeAsync(call, own, making.Stop);
        }
        finally
        {
            for (var i = 0; i < own.Count; i++)
            {
                _running.TryRemove(new KeyValuePair<VectorKey, Slot>(own[i].Key, new Slot(making, i)));
            }

            making.End(got);
        }

        cancellation.ThrowIfCancellationRequested();
        for (var i = 0; i < own.Count; i++)
        {
            call.Answers[own[i].Place] = got[i];
        }
    }

    private async Task<TextEmbedding[]> FindOrMakeAsync(Call call, List<Wanted> own, CancellationToken stop)
    {
        var got = new TextEmbedding[own.Count];
        var open = new List<int>(own.Count);
        for (var i = 0; i < own.Count; i++)
        {
            // It may have come between the first look and now.
            if (!_local.TryGet(own[i].Key, out got[i]))
            {
                open.Add(i);
            }
        }

        metrics.Lookups(CacheLevel.Local, own.Count - open.Count);
        byte[][]? sharedKeys = null;
        if (open.Count > 0 && shared?.IsWorth(call.Hints.TextCost, open.Count) == true)
        {
            sharedKeys = call.Names.Shared(call.Texts, CollectionsMarshal.AsSpan(open.ConvertAll(i => own[i].Place)));
            (open, sharedKeys) = Take(own, open, sharedKeys, got, await shared.GetAsync(sharedKeys, call.Dimensions, stop));
        }

        if (open.Count == 0)
        {
            return got;
        }

        metrics.Lookups(CacheLevel.Miss, open.Count);
        var made = await call.Make(open.ConvertAll(i => own[i].Place), stop);
        for (var i = 0; i < made.Length; i++)
        {
            got[open[i]] = made[i];
            if (IsKept(made[i], call.Dimensions))
            {
                _local.Set(own[open[i]].Key, made[i]);
            }
        }

        if (sharedKeys is not null)
        {
            shared!.Set(sharedKeys, Array.ConvertAll(made, one => IsKept(one, call.Dimensions) ? one : default));
        }

        return got;
    }

    /// <summary>Puts what Redis had where it belongs, and says what is left.</summary>
    private (List<int> Open, byte[][] Keys) Take(List<Wanted> own, List<int> open, byte[][] sharedKeys, TextEmbedding[] got, TextEmbedding?[] found)
    {
        List<int> left = [];
        List<byte[]> leftKeys = [];
        for (var i = 0; i < open.Count; i++)
        {
            if (found[i] is { } embedding)
            {
                got[open[i]] = embedding;
                _local.Set(own[open[i]].Key, embedding);
            }
            else
            {
                left.Add(open[i]);
                leftKeys.Add(sharedKeys[i]);
            }
        }

        metrics.Lookups(CacheLevel.Shared, open.Count - left.Count);
        return (left, [.. leftKeys]);
    }

    /// <returns>What the others did not get, or failed at for a reason of their own.</returns>
    private async Task<List<Wanted>> WaitAsync(Call call, Making own, List<Joined> joined, CancellationToken cancellation)
    {
        List<Wanted> again = [];
        foreach (var (wanted, running) in joined)
        {
            var done = await running.Making.Done.WaitAsync(cancellation);
            if (done is not null && (running.Making == own || !done[running.Index].Failure.IsOurs()))
            {
                call.Answers[wanted.Place] = done[running.Index];
            }
            else
            {
                again.Add(wanted);
            }
        }

        metrics.Lookups(CacheLevel.Joined, joined.Count - again.Count);
        return again;
    }

    private static bool IsKept(in TextEmbedding embedding, int dimensions) => embedding.Values?.Length == dimensions;

    private sealed record Call(
        SpaceKeys Names,
        int Dimensions,
        WorkHints Hints,
        IReadOnlyList<string> Texts,
        Func<IReadOnlyList<int>, CancellationToken, Task<TextEmbedding[]>> Make,
        TextEmbedding[] Answers);

    private readonly record struct Wanted(int Place, VectorKey Key);

    /// <summary>A text's place in what a making gives.</summary>
    private readonly record struct Slot(Making Making, int Index);

    private readonly record struct Joined(Wanted Wanted, Slot Running);
}
