using System.Collections.ObjectModel;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>What all gRPC services of an application share.</summary>
public class GrpcServiceOptions
{
    internal const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    private int? _maxReceiveMessageSize = DefaultMaxReceiveMessageSize;
    private int? _maxSendMessageSize;

    /// <summary>Bytes; null (the default): no limit. Beyond it a call ends with RESOURCE_EXHAUSTED.</summary>
    public int? MaxSendMessageSize
    {
        get => _maxSendMessageSize;
        set
        {
            _maxSendMessageSize = value;
            MaxSendMessageSizeSpecified = true;
        }
    }

    /// <summary>Bytes; 4 MB by default, null: no limit. Beyond it a call ends with RESOURCE_EXHAUSTED.</summary>
    public int? MaxReceiveMessageSize
    {
        get => _maxReceiveMessageSize;
        set
        {
            _maxReceiveMessageSize = value;
            MaxReceiveMessageSizeSpecified = true;
        }
    }

    public bool MaxSendMessageSizeSpecified { get; private set; }

    public bool MaxReceiveMessageSizeSpecified { get; private set; }

    /// <summary>Sends the text of a handler's exception to the caller; off by default.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary><c>gzip</c>: compress responses for callers that accept it.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>Run around every call, in order.</summary>
    public InterceptorCollection Interceptors { get; } = [];
}

/// <summary>What one service has otherwise; what is not set here is taken from <see cref="GrpcServiceOptions"/>.</summary>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class
{
}

public class InterceptorCollection : Collection<InterceptorRegistration>
{
    public void Add<TInterceptor>(params object[] args)
        where TInterceptor : Interceptor => Add(typeof(TInterceptor), args);

    public void Add(Type interceptorType, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(interceptorType);
        if (!interceptorType.IsSubclassOf(typeof(Interceptor)))
        {
            throw new ArgumentException($"Type must inherit from {typeof(Interceptor).FullName}.", nameof(interceptorType));
        }

        Add(new InterceptorRegistration(interceptorType, args));
    }
}

public class InterceptorRegistration
{
    internal InterceptorRegistration(Type type, object[] arguments)
    {
        Type = type;
        Arguments = arguments;
    }

    public Type Type { get; }

    public IReadOnlyList<object> Arguments { get; }
}
