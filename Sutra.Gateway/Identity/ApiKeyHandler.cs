using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sutra.Contracts.Identity;
using Sutra.Gateway.Errors;
using Sutra.Gateway.Keys;

namespace Sutra.Gateway.Identity;

/// <summary>Authenticates a request by <c>Authorization: Bearer sutra_…</c> (RFC 6750).</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    ApiKeyStore keys) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        // Two headers are refused, not guessed about.
        if (header.Count > 1 || header[0] is not { } value || !value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult(AuthenticateResult.Fail("There must be one Authorization header, of the form Bearer sutra_..."));
        }

        if (keys.Find(value.AsSpan(Bearer.Length).Trim()) is not { } key)
        {
            return Task.FromResult(AuthenticateResult.Fail("The API key is not known here: it is mistyped, or it was revoked."));
        }

        var identity = new ClaimsIdentity(SchemeName, ClaimTypes.NameIdentifier, ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, key.Subject));
        identity.AddClaims(key.Scopes.Select(scope => new Claim(InternalIdentityHandler.ScopeClaim, scope)));
        Context.Features.Set(key);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer realm=\"sutra\"";
        if ((await HandleAuthenticateOnceSafeAsync()).Failure is { } failure)
        {
            Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer realm=\"sutra\", error=\"invalid_token\"";
            Context.Features.Set(new ErrorDetail(failure.Message, "invalid_api_key"));
        }
    }
}
