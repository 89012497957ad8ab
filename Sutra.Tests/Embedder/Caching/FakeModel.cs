using System.Collections.Concurrent;
using Sutra.Embedder.Inference;

namespace Sutra.Tests.Embedder.Caching;

/// <summary>Makes unit vectors that are different for different texts, when it is let to, and remembers what it was asked for.</summary>
internal sealed class FakeModel
{
    public const int Dimensions = 8;

    /// <summary>The texts of each call, in the order of calls.</summary>
    public ConcurrentQueue<string[]> Calls { get; } = new();

    public IReadOnlyList<string> Made => [.. Calls.SelectMany(call => call)];

    /// <summary>Calls wait for it, or for their cancellation.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What happens to a text instead; null: nothing special.</summary>
    public Func<string, TextFailure> Failure { get; set; } = _ => TextFailure.None;

    public Func<Exception?> Error { get; set; } = () => null;

    public int Cancelled { get; private set; }

    public static float[] Vector(string text)
    {
        var random = new Random(text.Aggregate(17, (hash, c) => (hash * 31) + c));
        var vector = new float[Dimensions];
        for (var i = 0; i < Dimensions; i++)
        {
            vector[i] = random.NextSingle() - 0.5f;
        }

        var norm = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / norm)];
    }

    public Func<IReadOnlyList<int>, CancellationToken, Task<TextEmbedding[]>> Of(IReadOnlyList<string> texts) => async (places, cancellation) =>
    {
        Calls.Enqueue([.. places.Select(place => texts[place])]);
        try
        {
            await Gate.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Cancelled++;
            throw;
        }

        return Error() is { } error
            ? throw error
            : [.. places.Select(place => Failure(texts[place]) is var failure and not TextFailure.None
                ? TextEmbedding.Failed(failure, 3)
                : new TextEmbedding(Vector(texts[place]), texts[place].Length, texts[place].Length > 20))];
    };
}
