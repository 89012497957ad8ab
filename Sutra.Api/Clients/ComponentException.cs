using Grpc.Core;
using Sutra.Api.Errors;

namespace Sutra.Api.Clients;

/// <summary>A call to another service failed. The service's own message is kept from the caller: it may hold what they sent.</summary>
internal sealed class ComponentException(string component, RpcException inner) : Exception($"{component}: {inner.StatusCode}", inner)
{
    public string Component { get; } = component;

    public StatusCode StatusCode { get; } = inner.StatusCode;

    public ApiProblem ToProblem() => StatusCode switch
    {
        StatusCode.Unavailable => ApiProblem.Unavailable(Component, $"The {Component} cannot be reached.", this),
        StatusCode.DeadlineExceeded => ApiProblem.Unavailable(Component, $"The {Component} did not answer in time.", this),
        StatusCode.ResourceExhausted => ApiProblem.Unavailable(Component, $"The {Component} has no capacity left.", this),
        StatusCode.FailedPrecondition or StatusCode.Aborted => ApiProblem.Unavailable(Component, $"The {Component} cannot do this now.", this),
        StatusCode.InvalidArgument or StatusCode.OutOfRange =>
            new ApiProblem(StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, $"The {Component} refused the request as invalid.", this),
        StatusCode.NotFound when Component == Components.Embedder =>
            ApiProblem.Unavailable(Component, "The embedder does not have the model that is needed.", this),
        StatusCode.NotFound => ApiProblem.ConceptNotFound(),
        StatusCode.PermissionDenied =>
            new ApiProblem(StatusCodes.Status403Forbidden, ProblemCodes.Forbidden, $"The caller has no permission for this in the {Component}.", this),
        _ => new ApiProblem(StatusCodes.Status500InternalServerError, ProblemCodes.Internal, $"The {Component} failed.", this),
    };
}
