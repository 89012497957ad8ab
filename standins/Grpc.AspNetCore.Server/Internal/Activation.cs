using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>An instance for one call; disposed with it only when it was made for it.</summary>
internal readonly struct Activated<T>(T instance, bool owned) : IAsyncDisposable
    where T : class
{
    public T Instance { get; } = instance;

    public bool Disposable => owned && Instance is (IDisposable or IAsyncDisposable);

    public ValueTask DisposeAsync()
    {
        if (!owned)
        {
            return default;
        }

        switch (Instance)
        {
            case IAsyncDisposable asynchronous:
                return asynchronous.DisposeAsync();
            case IDisposable synchronous:
                synchronous.Dispose();
                break;
        }

        return default;
    }
}

internal static class ServiceActivator<TService>
    where TService : class
{
    private static readonly Lazy<ObjectFactory<TService>> Factory = new(() => ActivatorUtilities.CreateFactory<TService>([]));

    public static Activated<TService> Get(ServerCallContext context)
    {
        var services = context.GetHttpContext().RequestServices;
        return services.GetService<TService>() is { } registered
            ? new Activated<TService>(registered, owned: false)
            : new Activated<TService>(Factory.Value(services, null), owned: true);
    }
}

internal sealed class InterceptorActivator(InterceptorRegistration registration)
{
    private readonly object[] _arguments = [.. registration.Arguments];
    private readonly ObjectFactory _factory = ActivatorUtilities.CreateFactory(
        registration.Type, [.. registration.Arguments.Select(argument => argument.GetType())]);

    public Activated<Interceptor> Get(ServerCallContext context)
    {
        var services = context.GetHttpContext().RequestServices;
        return _arguments.Length == 0 && services.GetService(registration.Type) is Interceptor registered
            ? new Activated<Interceptor>(registered, owned: false)
            : new Activated<Interceptor>((Interceptor)_factory(services, _arguments), owned: true);
    }
}
