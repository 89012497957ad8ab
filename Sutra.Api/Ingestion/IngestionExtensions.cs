using Npgsql;
using Sutra.Api.Clients;
using Sutra.Api.Ingestion.Endpoints;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Jobs.Embedded;
using Sutra.Api.Ingestion.Jobs.Postgres;
using Sutra.Api.Ingestion.Outbound;
using Sutra.Api.Ingestion.Schedules;
using Sutra.Api.Ingestion.Uploads;
using Sutra.Api.Ingestion.Webhooks;
using Sutra.Api.Ingestion.Workers;

namespace Sutra.Api.Ingestion;

internal static class IngestionExtensions
{
    /// <summary>The bulk ingester: jobs in PostgreSQL when <c>ConnectionStrings:audit</c> is there, else in a journal beside the uploads.</summary>
    public static WebApplicationBuilder AddIngestion(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<IngestionOptions>()
            .BindConfiguration(IngestionOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(Components.Audit)))
        {
            builder.Services.AddSingleton<IJobStore>(services => new EmbeddedJobStore(services.GetRequiredService<Spool>().JournalPath));
        }
        else
        {
            builder.Services.AddSingleton<IJobStore>(services => new PostgresJobStore(services.GetRequiredService<NpgsqlDataSource>()));
        }

        builder.Services.AddSingleton<Spool>();
        builder.Services.AddSingleton<UploadReceiver>();
        builder.Services.AddSingleton<JobUploads>();
        builder.Services.AddSingleton<JobCreator>();
        builder.Services.AddSingleton<JobSignal>();
        builder.Services.AddSingleton<IngestionTelemetry>();
        builder.Services.AddSingleton<GroupLearner>();
        builder.Services.AddSingleton<GroupWorker>();
        builder.Services.AddSingleton<JobWorker>();
        builder.Services.AddSingleton<OutboundClient>();
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddSingleton<FolderSource>();
        builder.Services.AddSingleton<AddressSource>();
        builder.Services.AddSingleton<ScheduleRunner>();
        builder.Services.AddSingleton<IngestionService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<IngestionService>());
        return builder;
    }

    public static void MapIngestion(this IEndpointRouteBuilder app)
    {
        app.MapJobs();
        app.MapSchedules();
    }
}
