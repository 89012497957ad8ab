namespace Sutra.Api.Idempotency;

internal static class IdempotencyExtensions
{
    public static WebApplicationBuilder AddIdempotency(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<IdempotencyOptions>()
            .BindConfiguration(IdempotencyOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<IdempotencyStore>();
        return builder;
    }

    /// <summary>Makes the endpoint heed <c>Idempotency-Key</c>.</summary>
    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter<IdempotencyFilter>();
}
