using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Workers;

namespace Sutra.Api.Ingestion.Endpoints;

/// <summary>503 while jobs cannot be read or written.</summary>
internal sealed class JobStoreFilter(IJobStore store, IngestionService service) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (!service.IsReady)
        {
            throw Unavailable(inner: null);
        }

        try
        {
            return await next(context);
        }
        catch (Exception e) when ((store.IsAway(e) || e is IOException) && e is not BadHttpRequestException)
        {
            throw Unavailable(e);
        }
    }

    private static ApiProblem Unavailable(Exception? inner) =>
        ApiProblem.Unavailable(Components.Jobs, "Jobs cannot be read or written: their database is away, or their disk is full.", inner);
}
