using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>The standard pipeline, outermost first: concurrency limit, total time-out, retry, circuit breaker, time-out per attempt.</summary>
public class HttpStandardResilienceOptions
{
    /// <summary>Default 30 s.</summary>
    [Required]
    public HttpTimeoutStrategyOptions TotalRequestTimeout { get; set; } = new() { Name = "Standard-TotalRequestTimeout" };

    [Required]
    public HttpRetryStrategyOptions Retry { get; set; } = new() { Name = "Standard-Retry" };

    [Required]
    public HttpCircuitBreakerStrategyOptions CircuitBreaker { get; set; } = new() { Name = "Standard-CircuitBreaker" };

    /// <summary>Default 10 s.</summary>
    [Required]
    public HttpTimeoutStrategyOptions AttemptTimeout { get; set; } = new() { Timeout = TimeSpan.FromSeconds(10), Name = "Standard-AttemptTimeout" };
}

internal sealed class HttpStandardResilienceOptionsValidator : IValidateOptions<HttpStandardResilienceOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpStandardResilienceOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var part in new object[] { options.TotalRequestTimeout, options.Retry, options.CircuitBreaker, options.AttemptTimeout })
        {
            var errors = new List<ValidationResult>();
            Validator.TryValidateObject(part, new ValidationContext(part), errors, validateAllProperties: true);
            result.AddResults(errors);
        }

        if (options.AttemptTimeout.Timeout > options.TotalRequestTimeout.Timeout)
        {
            result.AddError("Total request timeout resilience strategy must have a greater timeout than the attempt resilience strategy. "
                + $"Total Request Timeout: {options.TotalRequestTimeout.Timeout.TotalSeconds}s, Attempt Timeout: {options.AttemptTimeout.Timeout.TotalSeconds}s");
        }

        if (options.CircuitBreaker.SamplingDuration < options.AttemptTimeout.Timeout * 2)
        {
            result.AddError("The sampling duration of circuit breaker strategy needs to be at least double of an attempt timeout strategy's timeout interval, in order to be effective. "
                + $"Sampling Duration: {options.CircuitBreaker.SamplingDuration.TotalSeconds}s, Attempt Timeout: {options.AttemptTimeout.Timeout.TotalSeconds}s");
        }

        return result.Build();
    }
}
