using Microsoft.Extensions.Options;
using Npgsql;
using Sutra.Api.Clients;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Api.Auditing;

internal static class AuditingExtensions
{
    /// <summary>The audit trail: in PostgreSQL when <c>ConnectionStrings:audit</c> is there, else in the file <c>Audit:FilePath</c>.</summary>
    public static WebApplicationBuilder AddAuditing(this WebApplicationBuilder builder)
    {
        var inDatabase = !string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(Components.Audit));
        builder.Services.AddOptions<AuditOptions>()
            .BindConfiguration(AuditOptions.Section)
            .ValidateDataAnnotations()
            .Validate(
                options => inDatabase || !string.IsNullOrWhiteSpace(options.FilePath),
                "There is nowhere to keep the audit trail: set ConnectionStrings:audit (PostgreSQL) or Audit:FilePath.")
            .ValidateOnStart();

        if (inDatabase)
        {
            AddDatabase(builder);
        }
        else
        {
            builder.Services.AddSingleton<IAuditStore, FileAuditStore>();
        }

        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditTrail>());
        builder.Services.AddSingleton<Auditor>();
        return builder;
    }

    private static void AddDatabase(WebApplicationBuilder builder)
    {
        try
        {
            builder.AddNpgsqlDataSource(
                Components.Audit,
                settings => settings.DisableHealthChecks = true,
                source =>
                {
                    // The server is given up on by our own clock (AuditOptions.Timeout); these only end what was left behind.
                    source.ConnectionStringBuilder.Timeout = 5;
                    source.ConnectionStringBuilder.CommandTimeout = 5;
                    source.ConnectionStringBuilder.CancellationTimeout = 1000;
                });
            _ = new NpgsqlConnectionStringBuilder(builder.Configuration.GetConnectionString(Components.Audit));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StartupException("ConnectionStrings:audit is not a PostgreSQL connection string.", e);
        }

        // It logs every statement at Information.
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        builder.Services.AddSingleton<IAuditStore>(services => new PostgresAuditStore(
            services.GetRequiredService<NpgsqlDataSource>(),
            services.GetRequiredService<IOptions<AuditOptions>>()));
    }
}
