using Npgsql;
using Sutra.Api.Clients;

namespace Sutra.Api.Idempotency;

internal static class IdempotencyExtensions
{
    /// <summary><c>Idempotency-Key</c>: in PostgreSQL when <c>ConnectionStrings:audit</c> is there, which is where the audit trail and the jobs are, else in memory.</summary>
    public static WebApplicationBuilder AddIdempotency(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<IdempotencyOptions>()
            .BindConfiguration(IdempotencyOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(Components.Audit)))
        {
            builder.Services.AddSingleton<IIdempotencyStore, MemoryIdempotencyStore>();
        }
        else
        {
            builder.Services.AddSingleton<IIdempotencyStore>(services => ActivatorUtilities.CreateInstance<PostgresIdempotencyStore>(services, services.GetRequiredService<NpgsqlDataSource>()));
        }

        builder.Services.AddHostedService<IdempotencyService>();
        return builder;
    }

    /// <summary>Makes the endpoint heed <c>Idempotency-Key</c>.</summary>
    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter<IdempotencyFilter>();
}
