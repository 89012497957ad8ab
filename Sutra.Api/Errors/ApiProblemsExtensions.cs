namespace Sutra.Api.Errors;

internal static class ApiProblemsExtensions
{
    /// <summary>Problem details for what the API refuses, and a stable <c>code</c> on those that come from ASP.NET Core itself.</summary>
    public static WebApplicationBuilder AddApiProblems(this WebApplicationBuilder builder)
    {
        builder.Services.AddExceptionHandler<ApiProblemHandler>();
        builder.Services.PostConfigure<ProblemDetailsOptions>(options =>
        {
            var inner = options.CustomizeProblemDetails;
            options.CustomizeProblemDetails = context =>
            {
                inner?.Invoke(context);
                var problem = context.ProblemDetails;
                if (!problem.Extensions.ContainsKey("code") && ProblemCodes.Of(problem.Status) is { } code)
                {
                    problem.Type = ProblemCodes.Type(code);
                    problem.Extensions["code"] = code;
                }
            };
        });

        // In Development it logs every exception, with what the failed service said, before the handler above has its say;
        // what nobody handles is logged all the same, by the exception handler.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.DeveloperExceptionPageMiddleware", LogLevel.None);

        // JsonBody has the limit that callers are told; this one only bounds how much of a refused body is read to its end,
        // so that the caller, still sending, gets to see the answer.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 64 * 1024 * 1024);
        return builder;
    }
}
