namespace Sutra.Api.Clients;

internal static class GrpcClientExtensions
{
    /// <summary>
    /// Takes the resilience handler that every HTTP client gets by default off this one: gRPC calls have deadlines and their own
    /// retry, and a circuit that stays open for seconds would hide that a service is back.
    /// </summary>
    public static IHttpClientBuilder UseDeadlinesOnly(this IHttpClientBuilder client)
    {
#pragma warning disable EXTEXP0001
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        return client;
    }
}
