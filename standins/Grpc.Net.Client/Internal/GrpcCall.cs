using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Internal;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// One call on the client. Its first outcome stays: whatever ends it (response, caller, deadline, disposal, network) goes
/// through <see cref="End"/>.
/// </summary>
internal abstract partial class GrpcCall : IDisposable
{
    public static readonly Func<object, Task<Metadata>> HeadersOf = static call => ((GrpcCall)call).GetHeadersAsync();
    public static readonly Func<object, Status> StatusOf = static call => ((GrpcCall)call).GetStatus();
    public static readonly Func<object, Metadata> TrailersOf = static call => ((GrpcCall)call).GetTrailers();
    public static readonly Action<object> DisposeOf = static call => ((GrpcCall)call).Dispose();

    private static readonly Outcome Succeeded = new(Status.DefaultSuccess);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly GrpcChannel _channel;
    private readonly IMethod _method;
    private readonly CancellationTokenSource _cancellation = new();
    private CancellationTokenRegistration _callerRegistration;
    private HttpResponseMessage? _response;
    private Outcome? _outcome;
    private TaskCompletionSource<Metadata>? _headers;
    private RpcException? _failedBeforeHeaders;
    private Metadata? _trailers;
    private bool _trailersOnly;
    private int _finished;

    protected GrpcCall(GrpcChannel channel, IMethod method, CallOptions options)
    {
        if (options.Deadline is { Kind: not DateTimeKind.Utc } deadline && deadline != DateTime.MaxValue && deadline != DateTime.MinValue)
        {
            throw new InvalidOperationException("Deadline must have a kind DateTimeKind.Utc or be equal to DateTime.MaxValue or DateTime.MinValue.");
        }

        _channel = channel;
        _method = method;
        Options = options;
        Cancellation = _cancellation.Token;
        Compress = options.Headers?.Get(HeaderEncoding.CompressionRequestKey) is { Value: HeaderEncoding.Gzip };
        channel.Register(this);
    }

    public CallOptions Options { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>The caller asked for gzip by metadata <c>grpc-internal-encoding-request</c>.</summary>
    public bool Compress { get; }

    public int? MaxSendMessageSize => _channel.MaxSendMessageSize;

    public int? MaxReceiveMessageSize => _channel.MaxReceiveMessageSize;

    public bool Disposed { get; private set; }

    public bool HasEnded => _outcome is not null;

    protected HttpResponseMessage Response => _response!;

    public void Dispose()
    {
        Disposed = true;
        Cancel(new Status(StatusCode.Cancelled, "gRPC call disposed."));
        OnDisposed();
    }

    public void CancelByCaller() =>
        Cancel(new Status(StatusCode.Cancelled, "Call canceled by the client.", new OperationCanceledException()));

    /// <summary>The exception for the way the call ended.</summary>
    public RpcException CreateException()
    {
        var status = _outcome!.Status;
        return new RpcException(status, TryGetTrailers() ?? Metadata.Empty);
    }

    /// <summary>What a failed write to the request stream tells its caller.</summary>
    public abstract ValueTask<RpcException> ExplainAsync(Exception writeFailure);

    /// <summary>The status that an exception from the transport means.</summary>
    public Status Resolve(string summary, Exception exception)
    {
        if (_outcome is { } outcome)
        {
            return outcome.Status;
        }

        if (exception is RpcException rpc)
        {
            return rpc.Status;
        }

        if (_cancellation.IsCancellationRequested)
        {
            // Whoever else cancels says why before: this was the timer.
            return new Status(StatusCode.DeadlineExceeded, "");
        }

        if (exception is OperationCanceledException)
        {
            return new Status(StatusCode.Cancelled, "", exception);
        }

        var code = TransportErrors.ToStatusCode(exception);
        if (code == StatusCode.Cancelled && Options.Deadline <= DateTime.UtcNow)
        {
            // The server's timer was first, and reset the stream.
            code = StatusCode.DeadlineExceeded;
        }

        return new Status(code, $"{summary} {HeaderEncoding.Describe(exception)}", exception);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected async ValueTask<Status?> SendAsync(HttpContent content)
    {
        var request = CreateRequest(content, out var timeout);
        if (timeout is { } remaining)
        {
            if (remaining <= TimeSpan.Zero)
            {
                Cancel(new Status(StatusCode.DeadlineExceeded, ""));
            }
            else
            {
                // A timer may fire a little early; nobody shall be told of a deadline that is not past.
                var due = remaining + TimeSpan.FromMilliseconds(1);
                _cancellation.CancelAfter(due < LongestTimer ? due : LongestTimer);
            }
        }

        if (Options.CancellationToken.CanBeCanceled)
        {
            _callerRegistration = Options.CancellationToken.UnsafeRegister(static call => ((GrpcCall)call!).CancelByCaller(), this);
        }

        Cancellation.ThrowIfCancellationRequested();
        var response = await (_channel.Http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation)
            : _channel.Http.SendAsync(request, Cancellation)).ConfigureAwait(false);
        TaskCompletionSource<Metadata>? waiting;
        lock (_cancellation)
        {
            _response = response;
            waiting = _headers;
        }

        waiting?.TrySetResult(ResponseHeaders.ToMetadata(response.Headers));
        if (Cancellation.IsCancellationRequested)
        {
            response.Dispose();
            Cancellation.ThrowIfCancellationRequested();
        }

        return ResponseHeaders.Check(response, out _trailersOnly);
    }

    /// <summary>The call's outcome, unless it has one already; says which it is now.</summary>
    protected Status End(Status status)
    {
        var outcome = status is { StatusCode: StatusCode.OK, Detail: "" } ? Succeeded : new Outcome(status);
        return (Interlocked.CompareExchange(ref _outcome, outcome, null) ?? outcome).Status;
    }

    /// <summary>Gives everything back; after <see cref="End"/>.</summary>
    protected void Finish()
    {
        if (Interlocked.Exchange(ref _finished, 1) == 1)
        {
            return;
        }

        var status = _outcome!.Status;
        if (status.StatusCode != StatusCode.OK)
        {
            Log.GrpcStatusError(_channel.Logger, status.StatusCode, status.Detail, status.DebugException);
            FailHeaders();
        }

        _callerRegistration.Unregister();
        _response?.Dispose();
        _channel.Unregister(this);
        if (!_cancellation.IsCancellationRequested)
        {
            _cancellation.Dispose();
        }
    }

    protected void Cancel(Status status)
    {
        if (_outcome is not null)
        {
            return;
        }

        End(status);
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }

    protected virtual void OnDisposed()
    {
    }

    protected static void Observe(Task task)
    {
        if (task.IsFaulted)
        {
            _ = task.Exception;
        }
        else if (!task.IsCompleted)
        {
            task.ContinueWith(
                static faulted => _ = faulted.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private Task<Metadata> GetHeadersAsync()
    {
        lock (_cancellation)
        {
            if (_headers is null)
            {
                _headers = new TaskCompletionSource<Metadata>(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_response is not null)
                {
                    _headers.SetResult(ResponseHeaders.ToMetadata(_response.Headers));
                }
                else if (_failedBeforeHeaders is not null)
                {
                    _headers.SetException(_failedBeforeHeaders);
                    Observe(_headers.Task);
                }
            }

            return _headers.Task;
        }
    }

    private void FailHeaders()
    {
        lock (_cancellation)
        {
            if (_response is null)
            {
                _failedBeforeHeaders = CreateException();
                if (_headers is not null)
                {
                    _headers.TrySetException(_failedBeforeHeaders);
                    Observe(_headers.Task);
                }
            }
        }
    }

    private Status GetStatus() => _outcome is { } outcome
        ? outcome.Status
        : throw new InvalidOperationException("Unable to get the status because the call is not complete.");

    private Metadata GetTrailers() => _outcome is not null && TryGetTrailers() is { } trailers
        ? trailers
        : throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.");

    private Metadata? TryGetTrailers()
    {
        if (_response is null)
        {
            return null;
        }

        try
        {
            return _trailers ??= ResponseHeaders.ToMetadata(_trailersOnly ? _response.Headers : _response.TrailingHeaders);
        }
        catch (FormatException)
        {
            // A malformed binary trailer must not hide the status.
            return null;
        }
    }

    private HttpRequestMessage CreateRequest(HttpContent content, out TimeSpan? timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _channel.AddressOf(_method))
        {
            Version = _channel.HttpVersion,
            VersionPolicy = _channel.HttpVersionPolicy,
            Content = content,
        };
        var headers = request.Headers;
        RequestHeaders.AddProtocol(headers);
        if (Options.Headers is { Count: > 0 } metadata)
        {
            RequestHeaders.AddMetadata(headers, metadata);
        }

        timeout = null;
        if (Options.Deadline is { } deadline && deadline != DateTime.MaxValue)
        {
            var remaining = deadline - DateTime.UtcNow;
            timeout = remaining;
            headers.TryAddWithoutValidation("grpc-timeout", HeaderEncoding.EncodeTimeout(remaining));
        }

        return request;
    }

    private sealed record Outcome(Status Status);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3, EventName = "GrpcStatusError", Level = LogLevel.Information, Message = "Call failed with gRPC error status. Status code: '{StatusCode}', Message: '{StatusMessage}'.")]
        public static partial void GrpcStatusError(ILogger logger, StatusCode statusCode, string statusMessage, Exception? debugException);
    }
}
