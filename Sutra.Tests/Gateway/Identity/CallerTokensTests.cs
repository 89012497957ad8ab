using Sutra.Tests.Harness;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Identity;
using Sutra.Gateway.Identity;
using Sutra.Gateway.Keys;

namespace Sutra.Tests.Gateway.Identity;

[TestClass]
public sealed class CallerTokensTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);
    private readonly ManualTime _time = new();
    private readonly ApiKey _key = Key([Permissions.Read]);

    [TestMethod]
    public void A_token_names_the_key_and_its_scopes_and_not_the_secret()
    {
        var caller = Verifier().Verify(Tokens().For(_key));

        Assert.AreEqual("key:abcdefghijkl", caller!.Subject);
        CollectionAssert.AreEqual(new[] { Permissions.Read }, caller.Scopes.ToArray());
    }

    [TestMethod]
    public void A_token_is_used_again_for_half_of_its_life_and_no_longer()
    {
        var tokens = Tokens();
        var first = tokens.For(_key);

        _time.Advance(Lifetime / 2 - TimeSpan.FromSeconds(1));
        Assert.AreSame(first, tokens.For(_key));

        _time.Advance(TimeSpan.FromSeconds(1));
        var second = tokens.For(_key);
        Assert.AreNotEqual(first, second);

        // What was handed out last before it was replaced still had half of its life.
        Assert.IsNotNull(Verifier().Verify(first));
    }

    [TestMethod]
    public void Scopes_that_changed_in_the_key_file_count_at_once()
    {
        var tokens = Tokens();
        tokens.For(_key);

        var caller = Verifier().Verify(tokens.For(Key([Permissions.Write])));

        CollectionAssert.AreEqual(new[] { Permissions.Write }, caller!.Scopes.ToArray());
    }

    private static ApiKey Key(string[] scopes) => new("abcdefghijkl", "n", new string('0', 64), scopes, DateTimeOffset.UnixEpoch);

    private InternalToken Verifier() => new(GatewayHost.IdentityKey, Lifetime, _time);

    private CallerTokens Tokens() => new(Verifier(), Options.Create(new InternalIdentityOptions { Lifetime = Lifetime }), _time);
}
