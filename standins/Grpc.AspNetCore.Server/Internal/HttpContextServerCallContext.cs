using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>One call on the server: metadata, status, deadline and who may write to the response when.</summary>
internal sealed class HttpContextServerCallContext : ServerCallContext
{
    private static readonly AuthContext NobodyAuthenticated = new(null, []);
    private static readonly HashSet<string> ProtocolHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.GrpcEncoding,
        HeaderNames.GrpcAcceptEncoding,
        HeaderNames.GrpcTimeout,
        HeaderNames.ContentEncoding,
        HeaderNames.ContentType,
        HeaderNames.TE,
        HeaderNames.Host,
        HeaderNames.AcceptEncoding,
    };

    // Guards the phases below: handler, deadline timer and request abortion meet here.
    private readonly Lock _lock = new();
    private readonly IMethod _method;
    private readonly ILogger _logger;
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private CancellationTokenSource? _cancellation;
    private DateTime _deadline = DateTime.MaxValue;
    private TimeSpan _timeout;
    private Timer? _timer;
    private TaskCompletionSource? _deadlineHandled;
    private bool _writing;
    private bool _ended;
    private bool _compress;

    public HttpContextServerCallContext(HttpContext httpContext, IMethod method, MethodOptions options, ILogger logger)
    {
        HttpContext = httpContext;
        Options = options;
        _method = method;
        _logger = logger;
    }

    public HttpContext HttpContext { get; }

    public MethodOptions Options { get; }

    public bool CompressMessage => _compress && ((WriteOptions?.Flags ?? default) & WriteFlags.NoCompress) == 0;

    public string? RequestEncoding => HttpContext.Request.Headers.GrpcEncoding is { Count: > 0 } values ? values.ToString() : null;

    protected override string MethodCore => _method.FullName;

    protected override string HostCore => HttpContext.Request.Host.Value ?? "";

    protected override string PeerCore => HttpContext.Connection.RemoteIpAddress is not { } address
        ? "unknown"
        : address.AddressFamily switch
        {
            AddressFamily.InterNetwork => $"ipv4:{address}:{HttpContext.Connection.RemotePort}",
            AddressFamily.InterNetworkV6 => $"ipv6:[{address}]:{HttpContext.Connection.RemotePort}",
            _ => $"unknown:{address}:{HttpContext.Connection.RemotePort}",
        };

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => NobodyAuthenticated;

    protected override IDictionary<object, object> UserStateCore => HttpContext.Items!;

    protected override CancellationToken CancellationTokenCore
    {
        get
        {
            if (_timer is null)
            {
                return HttpContext.RequestAborted;
            }

            lock (_lock)
            {
                if (_cancellation is null)
                {
                    _cancellation = CancellationTokenSource.CreateLinkedTokenSource(HttpContext.RequestAborted);
                    if (_deadlineHandled is not null)
                    {
                        _cancellation.Cancel();
                    }
                }

                return _cancellation.Token;
            }
        }
    }

    /// <summary>Starts the deadline, if the caller set one, and the response's encoding.</summary>
    public void Start()
    {
        StartActivity();
        var request = HttpContext.Request.Headers;
        var timeout = request.GrpcTimeout;
        if (timeout.Count > 0)
        {
            if (HeaderEncoding.TryDecodeTimeout(timeout.ToString(), out _timeout) && _timeout > TimeSpan.Zero)
            {
                StartDeadline();
            }
            else
            {
                Log.InvalidTimeoutIgnored(_logger, timeout.ToString());
            }
        }

        if (Options.CompressResponses && AcceptsGzip(request.GrpcAcceptEncoding.ToString()))
        {
            _compress = true;
            HttpContext.Response.Headers.GrpcEncoding = HeaderEncoding.Gzip;
        }
    }

    /// <summary>Claims the response for one write; <see cref="EndWrite"/> must follow.</summary>
    public void BeginWrite()
    {
        lock (_lock)
        {
            if (_ended || _deadlineHandled is not null)
            {
                throw new InvalidOperationException("Can't write the message because the request is complete.");
            }

            if (_writing)
            {
                throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
            }

            _writing = true;
        }
    }

    public void EndWrite()
    {
        bool deadlineWaits;
        lock (_lock)
        {
            _writing = false;
            deadlineWaits = _deadlineHandled is not null;
        }

        if (deadlineWaits)
        {
            _ = FinishByDeadlineAsync();
        }
    }

    /// <summary>The handler threw: decides what the caller is told.</summary>
    public void Fail(Exception exception)
    {
        bool deadlinePassed;
        lock (_lock)
        {
            deadlinePassed = _deadlineHandled is not null;
        }

        if (deadlinePassed)
        {
            // The caller has its answer already.
            Log.ServiceMethodCanceled(_logger, _method.FullName, exception);
            return;
        }

        if (exception is RpcException rpc)
        {
            Log.RpcConnectionError(_logger, rpc.StatusCode, rpc.Status.Detail, rpc.Status.DebugException);
            foreach (var entry in rpc.Trailers)
            {
                ResponseTrailers.Add(entry);
            }

            Status = rpc.Status;
            return;
        }

        if (exception is OperationCanceledException or IOException && CancellationTokenCore.IsCancellationRequested)
        {
            Log.ServiceMethodCanceled(_logger, _method.FullName, exception);
        }
        else
        {
            Log.ErrorExecutingServiceMethod(_logger, _method.FullName, exception);
        }

        const string Message = "Exception was thrown by handler.";
        Status = new Status(
            StatusCode.Unknown,
            Options.EnableDetailedErrors ? $"{Message} {HeaderEncoding.Describe(exception)}" : Message,
            exception);
    }

    /// <summary>Sends status and trailers, unless the deadline has done so.</summary>
    public ValueTask EndAsync()
    {
        Task? deadline;
        lock (_lock)
        {
            deadline = _deadlineHandled?.Task;
            _ended = true;
        }

        _timer?.Dispose();
        if (deadline is not null)
        {
            return AwaitDeadlineAsync(deadline);
        }

        WriteStatus();
        _cancellation?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the request at once (RST_STREAM with CANCEL).</summary>
    public void Reset()
    {
        const int Cancel = 0x8;
        if (HttpContext.Features.Get<IHttpResetFeature>() is { } reset)
        {
            reset.Reset(Cancel);
        }
        else
        {
            HttpContext.Abort();
        }
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        if (HttpContext.Response.HasStarted)
        {
            throw new InvalidOperationException("Response headers can only be sent once per call.");
        }

        BeginWrite();
        try
        {
            var headers = HttpContext.Response.Headers;
            foreach (var entry in responseHeaders)
            {
                if (entry.Key == HeaderEncoding.CompressionRequestKey)
                {
                    headers.GrpcEncoding = entry.Value;
                    _compress = entry.Value == HeaderEncoding.Gzip;
                    continue;
                }

                headers.Append(entry.Key, entry.IsBinary ? HeaderEncoding.EncodeBinary(entry.ValueBytes) : entry.Value);
            }

            await HttpContext.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            EndWrite();
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotImplementedException("CreatePropagationToken will be implemented in a future version.");

    private static bool AcceptsGzip(string acceptEncoding)
    {
        foreach (var range in acceptEncoding.AsSpan().Split(','))
        {
            if (acceptEncoding.AsSpan(range).Trim().SequenceEqual(HeaderEncoding.Gzip))
            {
                return true;
            }
        }

        return false;
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in HttpContext.Request.Headers)
        {
            if (name.StartsWith(':') || ProtocolHeaders.Contains(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                HeaderEncoding.AddReceived(metadata, name, value ?? "");
            }
        }

        return metadata;
    }

    private void StartDeadline()
    {
        _deadline = DateTime.UtcNow + _timeout;

        // A timer may fire a little early; nobody shall be told of a deadline that is not past.
        var due = Math.Min((long)_timeout.TotalMilliseconds + 1, uint.MaxValue - 1);
        var suppressed = ExecutionContext.IsFlowSuppressed() ? (AsyncFlowControl?)null : ExecutionContext.SuppressFlow();
        try
        {
            _timer = new Timer(static state => ((HttpContextServerCallContext)state!).OnDeadline(), this, Timeout.Infinite, Timeout.Infinite);
        }
        finally
        {
            suppressed?.Undo();
        }

        _timer.Change(due, Timeout.Infinite);
    }

    private void OnDeadline()
    {
        bool writing;
        lock (_lock)
        {
            if (_ended || _deadlineHandled is not null)
            {
                return;
            }

            _deadlineHandled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            writing = _writing;
        }

        Log.DeadlineExceeded(_logger, _timeout);
        if (writing)
        {
            // The response belongs to a write; when that ends, it finishes the call.
            HttpContext.Response.BodyWriter.CancelPendingFlush();
        }
        else
        {
            _ = FinishByDeadlineAsync();
        }
    }

    private async Task FinishByDeadlineAsync()
    {
        try
        {
            var status = new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded");
            Status = status;
            ResponseStatus.Set(ResponseStatus.Destination(HttpContext.Response), status);
            EndActivity();
            var completed = HttpContext.Features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();

            CancellationTokenSource? cancellation;
            lock (_lock)
            {
                cancellation = _cancellation;
            }

            cancellation?.Cancel();
            await completed;
            Reset();
        }
        catch (Exception exception)
        {
            Log.DeadlineCancellationError(_logger, exception);
        }
        finally
        {
            _deadlineHandled!.TrySetResult();
        }
    }

    private async ValueTask AwaitDeadlineAsync(Task deadline)
    {
        await deadline;
        _cancellation?.Dispose();
    }

    private void WriteStatus()
    {
        var destination = ResponseStatus.Destination(HttpContext.Response);
        if (_responseTrailers is not null)
        {
            ResponseStatus.Append(destination, _responseTrailers);
        }

        ResponseStatus.Set(destination, Status);
        EndActivity();
    }

    private void StartActivity() =>
        HttpContext.Features.Get<IHttpActivityFeature>()?.Activity.SetTag("grpc.method", _method.FullName);

    private void EndActivity() =>
        HttpContext.Features.Get<IHttpActivityFeature>()?.Activity.SetTag("grpc.status_code", HeaderEncoding.Status((int)Status.StatusCode));
}
