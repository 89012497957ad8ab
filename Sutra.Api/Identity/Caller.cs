using Grpc.Core;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Identity;

/// <summary>Who a request is for, and the token that says so to the services behind.</summary>
internal sealed record Caller(string Subject, string Token)
{
    public static Caller Of(HttpContext context) =>
        new(context.User.GetSubject(), context.Request.Headers[InternalToken.Header].ToString());

    public Metadata ToMetadata() => new() { { InternalToken.Header, Token } };
}

/// <summary>The API's own identity, for calls that no user asked for: probes and what refreshes itself.</summary>
internal sealed class ServiceIdentity(InternalToken tokens)
{
    private static readonly CallerIdentity Api = new("service:api", [Permissions.Read]);

    public Caller Caller => new(Api.Subject, tokens.Mint(Api));

    /// <summary>For work in the background that somebody may do and has asked for: in their name, by a token that is good from now on.</summary>
    public Caller For(string subject, params string[] scopes) => new(subject, tokens.Mint(new CallerIdentity(subject, scopes)));
}
