namespace Sutra.Api.Idempotency;

/// <summary>An answer that is given again.</summary>
/// <param name="Fingerprint">SHA-256 of the request that it is for.</param>
internal sealed record KeptAnswer(byte[] Fingerprint, int Status, string? ContentType, string? Location, ReadOnlyMemory<byte> Body);

/// <param name="Claim">The key was free and belongs to who asked; null: it is taken.</param>
/// <param name="Answer">What was answered to a key that is taken; null while its request is under way.</param>
internal readonly record struct KeyState(IKeyClaim? Claim, KeptAnswer? Answer);

/// <summary>A key while its request is under way. Disposing it frees the key, unless an answer was kept.</summary>
internal interface IKeyClaim : IAsyncDisposable
{
    /// <summary>The request ended well: its answer is given again from now on. At most once.</summary>
    Task KeepAsync(KeptAnswer answer);
}

/// <summary>Keys and their answers, by caller, bounded: the oldest go first. Thread-safe.</summary>
internal interface IIdempotencyStore
{
    /// <summary>Where, for operators.</summary>
    string Description { get; }

    /// <summary>Keys outlive the process, and all instances have the same ones.</summary>
    bool IsShared { get; }

    /// <summary>Takes the key, unless it is taken.</summary>
    /// <exception cref="Errors.ApiProblem">503: that cannot be known now.</exception>
    Task<KeyState> BeginAsync(string caller, string key, CancellationToken cancellation);

    /// <summary>Removes what is too old or too much; called now and then.</summary>
    Task SweepAsync(CancellationToken cancellation);
}
