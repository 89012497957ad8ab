using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Errors;

namespace Sutra.Api.Collections;

/// <summary>What the storage says about collections, for callers.</summary>
internal static class CollectionProblems
{
    /// <summary>The trailer by which the storage names the field that it refuses.</summary>
    private const string Field = "sutra-field";

    public static ApiProblem NotFound(Exception? inner = null) =>
        new(StatusCodes.Status404NotFound, ProblemCodes.CollectionNotFound, "There is no collection, nor alias, of this name.", inner);

    /// <summary>The storage refused a vector as one of a model, or of a size, that the collection does not take.</summary>
    public static bool IsOtherModel(this ComponentException failed) =>
        failed is { Component: Components.Storage, StatusCode: StatusCode.InvalidArgument, InnerException: RpcException inner }
        && inner.Trailers.GetValue(Field) is "model" or "embedding";

    /// <summary>The storage said so of each of many concepts.</summary>
    public static ComponentException OtherModel() => new(
        Components.Storage, new RpcException(new Status(StatusCode.InvalidArgument, "model"), new Metadata { { Field, "model" } }));

    /// <summary>A call of the storage's collections failed: its message names no user text but limits and settings.</summary>
    public static Exception Of(ComponentException failed) => (failed.StatusCode, failed.InnerException as RpcException) switch
    {
        (StatusCode.NotFound, _) => NotFound(failed),
        (StatusCode.AlreadyExists, _) => new ApiProblem(
            StatusCodes.Status409Conflict, ProblemCodes.CollectionExists, "There is a collection or an alias of this name.", failed),
        (StatusCode.FailedPrecondition, { } inner) => new ApiProblem(
            StatusCodes.Status409Conflict, ProblemCodes.CollectionConflict, inner.Status.Detail, failed),
        (StatusCode.InvalidArgument, { } inner) when inner.Status.Detail.Split(": ", 2) is [var field, var rule] =>
            ApiProblem.Invalid(field.Replace("settings.", "", StringComparison.Ordinal), $"It {rule}."),
        _ => failed,
    };
}
