namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The application's options and a service's own, put together once.</summary>
internal sealed record MethodOptions(
    int? MaxSendMessageSize,
    int? MaxReceiveMessageSize,
    bool EnableDetailedErrors,
    bool CompressResponses,
    IReadOnlyList<InterceptorRegistration> Interceptors)
{
    public static MethodOptions Create(GrpcServiceOptions application, GrpcServiceOptions service)
    {
        var algorithm = service.ResponseCompressionAlgorithm ?? application.ResponseCompressionAlgorithm;
        if (algorithm is not (null or "gzip" or "identity"))
        {
            throw new InvalidOperationException($"The configured response compression algorithm '{algorithm}' does not have a matching compression provider.");
        }

        return new MethodOptions(
            service.MaxSendMessageSizeSpecified ? service.MaxSendMessageSize : application.MaxSendMessageSize,
            service.MaxReceiveMessageSizeSpecified ? service.MaxReceiveMessageSize : application.MaxReceiveMessageSize,
            service.EnableDetailedErrors ?? application.EnableDetailedErrors ?? false,
            algorithm == "gzip",
            [.. application.Interceptors, .. service.Interceptors]);
    }
}
