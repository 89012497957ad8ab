using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sutra.Contracts.Identity;

/// <summary>Who is calling, as the gateway established it.</summary>
/// <param name="Subject">Stable id of the caller (an API key's id, a token's subject, or <c>service:name</c>); never a secret.</param>
/// <param name="Scopes">See <see cref="Permissions"/>.</param>
public sealed record CallerIdentity(string Subject, IReadOnlyList<string> Scopes);

/// <summary>
/// Mints and verifies the short-lived token that carries the caller's identity from the gateway to the services:
/// a compact JWT (RFC 7519) signed with HMAC-SHA256, audience <c>sutra-internal</c>.
/// </summary>
public sealed class InternalToken(string key, TimeSpan lifetime, TimeProvider time)
{
    /// <summary>HTTP header and gRPC metadata key that carries the token.</summary>
    public const string Header = "x-sutra-identity";

    private const string Audience = "sutra-internal";
    private const int MaxLength = 4096;
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);
    private static readonly string EncodedHeader = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    public string Mint(CallerIdentity caller)
    {
        var now = time.GetUtcNow();
        var claims = new Claims(caller.Subject, string.Join(' ', caller.Scopes), Audience, now.ToUnixTimeSeconds(), (now + lifetime).ToUnixTimeSeconds());
        var payload = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, ClaimsJson.Default.Claims));
        var signed = $"{EncodedHeader}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(Sign(signed))}";
    }

    /// <returns>The caller, or null when the token is malformed, forged, expired or for another audience.</returns>
    public CallerIdentity? Verify(string? token)
    {
        if (string.IsNullOrEmpty(token) || token.Length > MaxLength)
        {
            return null;
        }

        var lastDot = token.LastIndexOf('.');
        // Only our own header is accepted, so no other algorithm ("none" among them) can be asked for.
        if (lastDot <= EncodedHeader.Length || !token.StartsWith(EncodedHeader, StringComparison.Ordinal) || token[EncodedHeader.Length] != '.')
        {
            return null;
        }

        try
        {
            var signature = Base64Url.DecodeFromChars(token.AsSpan(lastDot + 1));
            if (!CryptographicOperations.FixedTimeEquals(signature, Sign(token[..lastDot])))
            {
                return null;
            }

            var payload = Base64Url.DecodeFromChars(token.AsSpan(EncodedHeader.Length + 1, lastDot - EncodedHeader.Length - 1));
            var claims = JsonSerializer.Deserialize(payload, ClaimsJson.Default.Claims);
            return claims is not null && IsCurrent(claims)
                ? new CallerIdentity(claims.Subject, claims.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private bool IsCurrent(Claims claims)
    {
        var now = time.GetUtcNow();
        return claims.Audience == Audience
            && now < DateTimeOffset.FromUnixTimeSeconds(claims.Expires) + ClockSkew
            && now > DateTimeOffset.FromUnixTimeSeconds(claims.IssuedAt) - ClockSkew;
    }

    private byte[] Sign(string text) => HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(text));

    internal sealed record Claims(
        [property: JsonPropertyName("sub")] string Subject,
        [property: JsonPropertyName("scope")] string Scope,
        [property: JsonPropertyName("aud")] string Audience,
        [property: JsonPropertyName("iat")] long IssuedAt,
        [property: JsonPropertyName("exp")] long Expires);
}

[JsonSerializable(typeof(InternalToken.Claims))]
internal sealed partial class ClaimsJson : JsonSerializerContext;
