using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Sutra.Api.Clients;

namespace Sutra.Api.Errors;

/// <summary>Writes an <see cref="ApiProblem"/>, or what a failed call to another service comes to, as problem details.</summary>
internal sealed partial class ApiProblemHandler(IProblemDetailsService problems, ILogger<ApiProblemHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            ApiProblem known => known,
            ComponentException failed => failed.ToProblem(),
            _ => null,
        };
        if (problem is null)
        {
            return false;
        }

        if (problem.Status == StatusCodes.Status500InternalServerError)
        {
            var failed = exception as ComponentException;
            Log.ComponentFailed(logger, failed?.Component, failed?.StatusCode.ToString());
        }

        var details = new ProblemDetails
        {
            Status = problem.Status,
            Type = ProblemCodes.Type(problem.Code),
            Detail = problem.Message,
            Extensions = { ["code"] = problem.Code },
        };
        if (problem.Errors is { } errors)
        {
            details.Extensions["errors"] = errors;
        }

        if (problem.Component is { } component)
        {
            details.Extensions["component"] = component;
        }

        if (problem.RetryAfter is { } retry)
        {
            httpContext.Response.Headers.RetryAfter = Math.Ceiling(retry.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        httpContext.Response.StatusCode = problem.Status;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = details });
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "A call to {Component} failed with {Status}")]
        public static partial void ComponentFailed(ILogger logger, string? component, string? status);
    }
}
