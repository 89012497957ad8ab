using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Grpc.Net.ClientFactory;

/// <summary>How a registered client is made.</summary>
public class GrpcClientFactoryOptions
{
    public Uri? Address { get; set; }

    public IList<Action<GrpcChannelOptions>> ChannelOptionsActions { get; } = [];

    public IList<InterceptorRegistration> InterceptorRegistrations { get; } = [];

    /// <summary>Makes the client from its invoker; by default its constructor does.</summary>
    public Func<CallInvoker, object>? Creator { get; set; }

    internal CallInvoker Intercept(CallInvoker invoker, IServiceProvider services, InterceptorScope scope)
    {
        // The first registered is the outermost.
        for (var i = InterceptorRegistrations.Count - 1; i >= 0; i--)
        {
            if (InterceptorRegistrations[i].Scope == scope)
            {
                invoker = invoker.Intercept(InterceptorRegistrations[i].Creator(services));
            }
        }

        return invoker;
    }
}

public enum InterceptorScope
{
    /// <summary>Made once and shared by all clients of the channel.</summary>
    Channel,

    /// <summary>Made with each client, from the scope that asks for it.</summary>
    Client,
}

public class InterceptorRegistration
{
    public InterceptorRegistration(InterceptorScope scope, Func<IServiceProvider, Interceptor> creator)
    {
        Scope = scope;
        Creator = creator ?? throw new ArgumentNullException(nameof(creator));
    }

    public InterceptorScope Scope { get; }

    public Func<IServiceProvider, Interceptor> Creator { get; }
}

/// <summary>Makes registered clients by name.</summary>
public abstract class GrpcClientFactory
{
    public abstract TClient CreateClient<TClient>(string name)
        where TClient : class;
}
