using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sutra.Contracts.Identity;

public static class InternalIdentityExtensions
{
    /// <summary>Registers <see cref="InternalToken"/>, keyed by section <c>Identity</c>; a missing or short key stops the process at start.</summary>
    public static IHostApplicationBuilder AddInternalTokens(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<InternalIdentityOptions>()
            .BindConfiguration(InternalIdentityOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(services =>
        {
            var options = services.GetRequiredService<IOptions<InternalIdentityOptions>>().Value;
            return new InternalToken(options.Key, options.Lifetime, services.GetRequiredService<TimeProvider>());
        });
        return builder;
    }

    /// <summary>
    /// Makes every endpoint ask for a valid internal token unless it says <c>AllowAnonymous</c>, and adds one policy per
    /// permission, named like it: <c>RequireAuthorization(Permissions.Write)</c>. Admin has them all.
    /// </summary>
    public static IHostApplicationBuilder AddInternalIdentity(this IHostApplicationBuilder builder)
    {
        builder.AddInternalTokens();

        // Not AddAuthentication: it brings data protection, for cookies that no service has, which writes a key into the home folder.
        builder.Services.AddAuthenticationCore(options => options.DefaultScheme = InternalIdentityHandler.SchemeName);
        builder.Services.AddWebEncoders();
        new AuthenticationBuilder(builder.Services).AddScheme<AuthenticationSchemeOptions, InternalIdentityHandler>(InternalIdentityHandler.SchemeName, _ => { });

        var authorization = builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        foreach (var permission in Permissions.All)
        {
            authorization.AddPolicy(permission, policy => policy
                .RequireAuthenticatedUser()
                .RequireAssertion(context => context.User.HasPermission(permission)));
        }

        return builder;
    }

    public static bool HasPermission(this ClaimsPrincipal user, string permission) =>
        user.HasClaim(InternalIdentityHandler.ScopeClaim, permission) || user.HasClaim(InternalIdentityHandler.ScopeClaim, Permissions.Admin);

    /// <summary>The caller that the gateway named; throws when the request is anonymous.</summary>
    public static string GetSubject(this ClaimsPrincipal user) =>
        user.FindFirstValue(ClaimTypes.NameIdentifier) ?? throw new InvalidOperationException("The request has no authenticated caller.");
}
