namespace Sutra.Gateway.Errors;

/// <summary>Set on a request that fails: what its caller is told beyond the status.</summary>
/// <param name="Text">For people; a sentence or two, nothing that the caller sent.</param>
/// <param name="Code">For programs, under <c>/v1</c>.</param>
internal sealed record ErrorDetail(string Text, string Code)
{
    /// <summary>What a status means here when nobody said more.</summary>
    public static ErrorDetail For(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => new("An API key is needed, in the header Authorization: Bearer sutra_...", "missing_api_key"),
        StatusCodes.Status403Forbidden => new("The API key has not the scope that this needs.", "insufficient_scope"),
        StatusCodes.Status404NotFound => new("There is nothing at this address.", "not_found"),
        StatusCodes.Status405MethodNotAllowed => new("This address does not take this method.", "method_not_allowed"),
        StatusCodes.Status408RequestTimeout => new("The body of the request came too slowly.", "request_timeout"),
        StatusCodes.Status413PayloadTooLarge => new("The body of the request is too large.", "request_too_large"),
        StatusCodes.Status502BadGateway => new("The service behind this address gave no usable answer.", "bad_gateway"),
        StatusCodes.Status503ServiceUnavailable => new("The service behind this address cannot be reached at the moment. Try again shortly.", "service_unavailable"),
        StatusCodes.Status504GatewayTimeout => new("The service behind this address did not answer in time.", "timeout"),
        >= 500 => new("Something went wrong here; the trace id finds it in the logs.", "internal_error"),
        _ => new("The request could not be handled.", "invalid_request"),
    };
}
