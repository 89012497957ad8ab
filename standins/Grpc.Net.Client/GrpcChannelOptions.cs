using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

public sealed class GrpcChannelOptions
{
    /// <summary>Bytes; null (the default): no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Bytes; 4 MB by default, null: no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Sends the calls; exclusive with <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Sends the calls; a <see cref="SocketsHttpHandler"/> of the channel's own by default.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Disposes <see cref="HttpClient"/> or <see cref="HttpHandler"/> with the channel; false by default.</summary>
    public bool DisposeHttpClient { get; set; }

    public IServiceProvider? ServiceProvider { get; set; }

    /// <summary>2.0 by default.</summary>
    public Version? HttpVersion { get; set; }

    /// <summary>Exact by default: over plain HTTP that means HTTP/2 with prior knowledge.</summary>
    public HttpVersionPolicy? HttpVersionPolicy { get; set; }
}
