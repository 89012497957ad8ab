using Microsoft.Net.Http.Headers;
using Sutra.Contracts.Identity;
using Sutra.Gateway.Keys;
using Yarp.ReverseProxy.Transforms;

namespace Sutra.Gateway.Identity;

/// <summary>
/// What a service learns about the caller: the internal token that this gateway minted, and nothing that the caller sent in
/// its place. The API key stays here.
/// </summary>
internal sealed class CallerTransform(CallerTokens tokens) : RequestTransform
{
    private static readonly string[] Withheld = [InternalToken.Header, HeaderNames.Authorization, HeaderNames.Cookie, "Forwarded"];

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        foreach (var header in Withheld)
        {
            RemoveHeader(context, header);
        }

        if (context.HttpContext.Features.Get<ApiKey>() is { } key && context.HttpContext.User.Identity is { IsAuthenticated: true })
        {
            AddHeader(context, InternalToken.Header, tokens.For(key));
        }

        return ValueTask.CompletedTask;
    }
}
