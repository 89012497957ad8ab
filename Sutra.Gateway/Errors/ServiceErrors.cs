using Yarp.ReverseProxy.Transforms;

namespace Sutra.Gateway.Errors;

/// <summary>Errors that a service answered: passed on as they are, but for the two that would mislead the caller.</summary>
internal sealed class ServiceErrors : ResponseTransform
{
    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse is not { } answer || (int)answer.StatusCode < StatusCodes.Status400BadRequest)
        {
            return ValueTask.CompletedTask;
        }

        var response = context.HttpContext.Response;
        if (response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            // The caller's key was good: it is this gateway that the service does not believe.
            response.StatusCode = StatusCodes.Status502BadGateway;
            response.Headers.Clear();
            context.HttpContext.Features.Set(new ErrorDetail(
                "The service behind this address does not accept this gateway's identity: they must share one Identity:Key.",
                "bad_gateway"));
            context.SuppressResponseBody = true;
        }
        else if (answer.Content.Headers is { ContentLength: 0, ContentType: null } && !HttpMethods.IsHead(context.HttpContext.Request.Method))
        {
            // Without a length, the error that belongs to the status is filled in.
            response.ContentLength = null;
            context.SuppressResponseBody = true;
        }

        return ValueTask.CompletedTask;
    }
}
