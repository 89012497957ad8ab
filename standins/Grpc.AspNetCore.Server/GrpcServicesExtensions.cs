using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Internal;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grpc.AspNetCore.Server
{
    using Microsoft.Extensions.DependencyInjection;

    public interface IGrpcServerBuilder
    {
        IServiceCollection Services { get; }
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    public static class GrpcServicesExtensions
    {
        public static IGrpcServerBuilder AddGrpc(this IServiceCollection services)
        {
            ArgumentNullException.ThrowIfNull(services);
            services.AddRoutingCore();
            services.AddOptions();
            services.TryAddSingleton<MappedServices>();
            return new Builder(services);
        }

        public static IGrpcServerBuilder AddGrpc(this IServiceCollection services, Action<GrpcServiceOptions> configureOptions)
        {
            ArgumentNullException.ThrowIfNull(services);
            return services.Configure(configureOptions).AddGrpc();
        }

        /// <summary>Options for one service only.</summary>
        public static IGrpcServerBuilder AddServiceOptions<TService>(
            this IGrpcServerBuilder grpcBuilder, Action<GrpcServiceOptions<TService>> configure)
            where TService : class
        {
            ArgumentNullException.ThrowIfNull(grpcBuilder);
            grpcBuilder.Services.Configure(configure);
            return grpcBuilder;
        }

        private sealed class Builder(IServiceCollection services) : IGrpcServerBuilder
        {
            public IServiceCollection Services { get; } = services;
        }
    }
}
