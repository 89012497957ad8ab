using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sutra.ServiceDefaults.Startup;

namespace Microsoft.Extensions.Hosting;

/// <summary>Cleartext HTTP/2 on one port of a service that else speaks HTTP/1.1.</summary>
public static partial class GrpcEndpointExtensions
{
    /// <summary>The port, among those the service listens on, that speaks HTTP/2 only.</summary>
    public const string PortVariable = "GRPC_PORT";

    /// <summary>
    /// Makes the port named by <c>GRPC_PORT</c> speak HTTP/2 only: without TLS there is no negotiation, so a port speaks one or
    /// the other. Without the variable gRPC services cannot be reached, which is logged; a value that is not a port stops the start.
    /// </summary>
    public static WebApplicationBuilder AddGrpcEndpoint(this WebApplicationBuilder builder)
    {
        var value = builder.Configuration[PortVariable];
        int? port = null;
        if (!string.IsNullOrWhiteSpace(value))
        {
            port = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed is > 0 and <= ushort.MaxValue
                ? parsed
                : throw new StartupException($"{PortVariable} is '{value}'; it must be a port number (1-65535).");
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen =>
            {
                if (listen.IPEndPoint?.Port == port)
                {
                    listen.Protocols = HttpProtocols.Http2;
                }
            }));
        }

        builder.Services.AddSingleton<IHostedService>(services => new Announcer(
            port,
            services.GetRequiredService<IServer>(),
            services.GetRequiredService<ILogger<Announcer>>()));
        return builder;
    }

    private sealed partial class Announcer(int? port, IServer server, ILogger<Announcer> logger) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            if (port is null)
            {
                Log.NoPort(logger);
            }
            else if (server.Features.Get<IServerAddressesFeature>() is { Addresses: { Count: > 0 } addresses }
                && !addresses.Any(address => BindingAddress.Parse(address).Port == port))
            {
                Log.NotListening(logger, port.Value);
            }
            else
            {
                Log.Listening(logger, port.Value);
            }

            return Task.CompletedTask;
        }

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private static partial class Log
        {
            [LoggerMessage(120, LogLevel.Information, "gRPC on port {Port}, HTTP/2 without TLS")]
            public static partial void Listening(ILogger logger, int port);

            [LoggerMessage(121, LogLevel.Warning, "GRPC_PORT is not set: gRPC services cannot be reached")]
            public static partial void NoPort(ILogger logger);

            [LoggerMessage(122, LogLevel.Warning, "GRPC_PORT is {Port}, but the service does not listen there: gRPC services cannot be reached")]
            public static partial void NotListening(ILogger logger, int port);
        }
    }
}
