using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.Net.Client;

/// <summary>Where a client's calls go. Costly to make, cheap to share: one per target and application.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly ConcurrentDictionary<IMethod, Uri> _addresses = new();
    private readonly HashSet<GrpcCall> _calls = [];
    private readonly Uri _address;
    private readonly HttpCallInvoker _invoker;
    private readonly bool _ownsHttp;
    private bool _disposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        if (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
        {
            throw new InvalidOperationException($"No address resolver configured for the scheme '{address.Scheme}'.");
        }

        if (options.HttpClient is not null && options.HttpHandler is not null)
        {
            throw new ArgumentException(
                "HttpClient and HttpHandler have been configured. Only one HTTP caller can be specified.");
        }

        _address = address;
        _ownsHttp = options.DisposeHttpClient || (options.HttpClient is null && options.HttpHandler is null);
        Http = options.HttpClient
            ?? new HttpMessageInvoker(options.HttpHandler ?? new SocketsHttpHandler { EnableMultipleHttp2Connections = true }, _ownsHttp);
        HttpVersion = options.HttpVersion ?? System.Net.HttpVersion.Version20;
        HttpVersionPolicy = options.HttpVersionPolicy ?? System.Net.Http.HttpVersionPolicy.RequestVersionExact;
        MaxSendMessageSize = options.MaxSendMessageSize;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        Logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Grpc.Net.Client.Internal.GrpcCall");
        _invoker = new HttpCallInvoker(this);
    }

    internal HttpMessageInvoker Http { get; }

    internal Version HttpVersion { get; }

    internal HttpVersionPolicy HttpVersionPolicy { get; }

    internal int? MaxSendMessageSize { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal ILogger Logger { get; }

    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return new GrpcChannel(address, channelOptions);
    }

    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _invoker;
    }

    /// <summary>Cancels the calls that still run.</summary>
    public void Dispose()
    {
        GrpcCall[] running;
        lock (_calls)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            running = [.. _calls];
        }

        foreach (var call in running)
        {
            call.Dispose();
        }

        if (_ownsHttp)
        {
            Http.Dispose();
        }
    }

    internal Uri AddressOf(IMethod method) =>
        _addresses.TryGetValue(method, out var address) ? address : _addresses.GetOrAdd(method, new Uri(_address, method.FullName));

    internal void Register(GrpcCall call)
    {
        lock (_calls)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _calls.Add(call);
        }
    }

    internal void Unregister(GrpcCall call)
    {
        lock (_calls)
        {
            _calls.Remove(call);
        }
    }

    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }
}
