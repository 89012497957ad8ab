using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Sutra.Contracts.Identity;

namespace Sutra.Gateway.Identity;

internal static class CallerIdentityExtensions
{
    /// <summary>
    /// Every endpoint asks for an API key unless it says <c>AllowAnonymous</c>. Which scopes a call needs is for the services
    /// to know and to enforce; OpenID Connect tokens will be a second scheme beside this one.
    /// </summary>
    public static void AddCallerIdentity(this IHostApplicationBuilder builder)
    {
        builder.AddInternalTokens();
        builder.Services.AddSingleton<CallerTokens>();
        builder.Services.AddSingleton<CallerTransform>();
        builder.Services.AddAuthentication(ApiKeyHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, _ => { });
        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }
}
