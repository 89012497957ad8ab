using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sutra.ServiceDefaults.Errors;

internal static class ProblemsExtensions
{
    /// <summary>
    /// Every error without a body of its own (unknown route, refused caller, malformed request, unhandled exception) is
    /// answered as RFC 9457 problem details with a <c>traceId</c>, in every environment alike.
    /// </summary>
    public static void AddProblems(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Extensions["traceId"] =
                Activity.Current?.TraceId.ToHexString() ?? context.HttpContext.TraceIdentifier;

            // What the developer exception page would add: stack trace and headers.
            context.ProblemDetails.Extensions.Remove("exception");
        });
        builder.Services.AddSingleton<IProblemDetailsWriter, AnyClientProblemWriter>();
        builder.Services.AddExceptionHandler<BadRequestHandler>();
        builder.Services.AddSingleton<IDeveloperPageExceptionFilter, NoDeveloperPage>();
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.DeveloperExceptionPageMiddleware", LogLevel.None);
        builder.Services.AddSingleton<IStartupFilter, ProblemsFirst>();

        // Production's silent 400 has no reason in it; thrown, it reaches BadRequestHandler, which says what was wrong.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
    }

    private sealed class ProblemsFirst : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseStatusCodePages();
            app.UseExceptionHandler();
            next(app);
        };
    }

    /// <summary>A request that could not be read is the caller's error: its status and reason, no log line of level error.</summary>
    private sealed class BadRequestHandler(IProblemDetailsService problems) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            if (exception is not BadHttpRequestException bad)
            {
                return false;
            }

            httpContext.Response.StatusCode = bad.StatusCode;
            return await problems.TryWriteAsync(new ProblemDetailsContext
            {
                HttpContext = httpContext,
                ProblemDetails = { Status = bad.StatusCode, Detail = bad.Message },
            });
        }
    }

    /// <summary>In Development, WebApplication puts its exception page inside our handler; the same answer everywhere is worth more than the page.</summary>
    private sealed class NoDeveloperPage : IDeveloperPageExceptionFilter
    {
        public Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errorContext.Exception);
            return Task.CompletedTask;
        }
    }
}
