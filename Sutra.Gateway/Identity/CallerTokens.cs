using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Identity;
using Sutra.Gateway.Keys;

namespace Sutra.Gateway.Identity;

/// <summary>The internal token of each key's holder, minted anew when half of its life is over.</summary>
internal sealed class CallerTokens(InternalToken tokens, IOptions<InternalIdentityOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Minted> _minted = new(StringComparer.Ordinal);

    /// <returns>A token with at least half of its life left.</returns>
    public string For(ApiKey key)
    {
        // Another ApiKey object with the same id comes from a newer key file, and may have other scopes.
        if (_minted.TryGetValue(key.Id, out var minted)
            && ReferenceEquals(minted.Key, key)
            && IsFresh(minted))
        {
            return minted.Token;
        }

        minted = new Minted(key, tokens.Mint(new CallerIdentity(key.Subject, key.Scopes)), time.GetUtcNow());
        _minted[key.Id] = minted;
        return minted.Token;
    }

    // By the wall clock, as the services will judge it: the monotonic one stands still while a machine sleeps.
    private bool IsFresh(Minted minted)
    {
        var age = time.GetUtcNow() - minted.At;
        return age >= TimeSpan.Zero && age < options.Value.Lifetime / 2;
    }

    private sealed record Minted(ApiKey Key, string Token, DateTimeOffset At);
}
