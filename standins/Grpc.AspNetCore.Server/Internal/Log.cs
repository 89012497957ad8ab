using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

internal static partial class Log
{
    public const string Category = "Grpc.AspNetCore.Server.ServerCallHandler";

    [LoggerMessage(EventId = 2, EventName = "UnsupportedRequestContentType", Level = LogLevel.Information, Message = "Request content-type of '{ContentType}' is not supported.")]
    public static partial void UnsupportedRequestContentType(ILogger logger, string? contentType);

    [LoggerMessage(EventId = 3, EventName = "UnsupportedRequestProtocol", Level = LogLevel.Information, Message = "Request protocol of '{Protocol}' is not supported.")]
    public static partial void UnsupportedRequestProtocol(ILogger logger, string? protocol);

    [LoggerMessage(EventId = 4, EventName = "DeadlineExceeded", Level = LogLevel.Debug, Message = "Request with timeout of {Timeout} has exceeded its deadline.")]
    public static partial void DeadlineExceeded(ILogger logger, TimeSpan timeout);

    [LoggerMessage(EventId = 5, EventName = "InvalidTimeoutIgnored", Level = LogLevel.Debug, Message = "Invalid grpc-timeout header value '{Timeout}' has been ignored.")]
    public static partial void InvalidTimeoutIgnored(ILogger logger, string timeout);

    [LoggerMessage(EventId = 6, EventName = "ErrorExecutingServiceMethod", Level = LogLevel.Error, Message = "Error when executing service method '{ServiceMethod}'.")]
    public static partial void ErrorExecutingServiceMethod(ILogger logger, string serviceMethod, Exception exception);

    [LoggerMessage(EventId = 7, EventName = "RpcConnectionError", Level = LogLevel.Information, Message = "Error status code '{StatusCode}' with detail '{Detail}' raised.")]
    public static partial void RpcConnectionError(ILogger logger, StatusCode statusCode, string detail, Exception? debugException);

    [LoggerMessage(EventId = 9, EventName = "DeadlineCancellationError", Level = LogLevel.Error, Message = "Error occurred while trying to cancel the request due to deadline exceeded.")]
    public static partial void DeadlineCancellationError(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 28, EventName = "ServiceMethodCanceled", Level = LogLevel.Information, Message = "Service method '{ServiceMethod}' canceled.")]
    public static partial void ServiceMethodCanceled(ILogger logger, string serviceMethod, Exception exception);
}
