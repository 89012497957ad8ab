using System.Diagnostics.CodeAnalysis;
using Polly;

namespace Microsoft.Extensions.Http.Resilience;

[Experimental("EXTEXP0001")]
public static class HttpRetryStrategyOptionsExtensions
{
    /// <summary>No retries of POST, PATCH, PUT, DELETE and CONNECT.</summary>
    public static void DisableForUnsafeHttpMethods(this HttpRetryStrategyOptions options) =>
        options.DisableFor(HttpMethod.Delete, HttpMethod.Post, HttpMethod.Put, HttpMethod.Connect, HttpMethod.Patch);

    public static void DisableFor(this HttpRetryStrategyOptions options, params HttpMethod[] methods)
    {
        ArgumentNullException.ThrowIfNull(options);
        var inner = options.ShouldHandle;
        options.ShouldHandle = async arguments =>
            await inner(arguments).ConfigureAwait(arguments.Context.ContinueOnCapturedContext)
            && (arguments.Outcome.Result?.RequestMessage ?? arguments.Context.GetRequestMessage()) is var request
            && (request is null || !methods.Contains(request.Method));
    }
}
