namespace Sutra.Gateway.Keys;

/// <summary>An API key as the gateway knows it: everything but the key.</summary>
/// <param name="Id">Public part of the key; 12 base62 characters.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Hash">SHA-256 of the key's text, 64 lower-case hex digits.</param>
/// <param name="Scopes">See <see cref="Contracts.Identity.Permissions"/>.</param>
/// <param name="Created">UTC.</param>
public sealed record ApiKey(string Id, string Name, string Hash, IReadOnlyList<string> Scopes, DateTimeOffset Created)
{
    /// <summary><see cref="Hash"/> as bytes, decoded once.</summary>
    internal byte[] HashBytes { get; } = Convert.FromHexString(Hash);

    /// <summary>How the services know its holder.</summary>
    internal string Subject => $"key:{Id}";
}
