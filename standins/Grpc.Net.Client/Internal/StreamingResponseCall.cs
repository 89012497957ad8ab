using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>A server streaming or duplex call, and the reader of its responses.</summary>
internal sealed class StreamingResponseCall<TRequest, TResponse>(GrpcChannel channel, Method<TRequest, TResponse> method, CallOptions options)
    : GrpcCall(channel, method, options), IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private static readonly Task<bool> True = Task.FromResult(true);
    private Task _start = null!;
    private ResponseFrames? _frames;
    private int _reading;

    public RequestStreamWriter<TRequest>? Requests { get; set; }

    public TResponse Current { get; private set; } = null!;

    public void Start(HttpContent content) => _start = StartAsync(content);

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) == 1)
        {
            return Task.FromException<bool>(
                new InvalidOperationException("Can't read the next message because the previous read is in progress."));
        }

        // Most messages of a busy stream came with an earlier read: no state machine for those.
        if (_start.IsCompleted && !HasEnded && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_frames!.TryRead())
                {
                    Current = _frames.Take(method.ResponseMarshaller.ContextualDeserializer);
                    Volatile.Write(ref _reading, 0);
                    return True;
                }
            }
            catch (Exception exception)
            {
                Volatile.Write(ref _reading, 0);
                return Task.FromException<bool>(Fail(exception));
            }
        }

        return MoveNextSlowAsync(cancellationToken);
    }

    public override ValueTask<RpcException> ExplainAsync(Exception writeFailure)
    {
        if (HasEnded)
        {
            return new ValueTask<RpcException>(CreateException());
        }

        // The reader will find the server's status; the call is its to end.
        return new ValueTask<RpcException>(new RpcException(Resolve("Error writing to the request stream.", writeFailure)));
    }

    protected override void OnDisposed()
    {
        ReleaseFrames();
        Finish();
        Requests?.Abort();
    }

    private async Task StartAsync(HttpContent content)
    {
        // A stream may be idle when its deadline passes or its caller gives up: nobody but this callback would notice.
        _ = Cancellation.UnsafeRegister(static call => ((StreamingResponseCall<TRequest, TResponse>)call!).OnCanceled(), this);
        Status? early;
        try
        {
            early = await SendAsync(content).ConfigureAwait(false);
            if (early is null)
            {
                var stream = await Response.Content.ReadAsStreamAsync(Cancellation).ConfigureAwait(false);
                _frames = new ResponseFrames(stream, MaxReceiveMessageSize, ResponseHeaders.Encoding(Response));
            }
        }
        catch (Exception exception)
        {
            early = Resolve("Error starting gRPC call.", exception);
        }

        if (early is { } status)
        {
            End(status);
        }

        if (HasEnded)
        {
            Finish();
            Requests?.Abort();
        }
    }

    private async Task<bool> MoveNextSlowAsync(CancellationToken cancellationToken)
    {
        var registration = cancellationToken.CanBeCanceled && cancellationToken != Options.CancellationToken
            ? cancellationToken.UnsafeRegister(static call => ((GrpcCall)call!).CancelByCaller(), this)
            : default;
        Current = null!;
        Status status;
        try
        {
            await _start.ConfigureAwait(false);
            if (!HasEnded && await _frames!.ReadAsync(Cancellation).ConfigureAwait(false))
            {
                Current = _frames.Take(method.ResponseMarshaller.ContextualDeserializer);
                return true;
            }

            status = End(HasEnded ? default : ResponseHeaders.Trailing(Response));
        }
        catch (Exception exception)
        {
            status = End(Resolve("Error reading next message.", exception));
        }
        finally
        {
            registration.Dispose();
            Volatile.Write(ref _reading, 0);
        }

        ReleaseFrames();
        Finish();
        Requests?.Abort();
        return status.StatusCode == StatusCode.OK ? false : throw CreateException();
    }

    private RpcException Fail(Exception exception)
    {
        End(Resolve("Error reading next message.", exception));
        ReleaseFrames();
        Finish();
        Requests?.Abort();
        return CreateException();
    }

    private void OnCanceled()
    {
        End(new Status(StatusCode.DeadlineExceeded, ""));
        ReleaseFrames();
        Finish();
        Requests?.Abort();
    }

    private void ReleaseFrames()
    {
        // A read in progress uses the buffer; it comes by here when it ends.
        if (Interlocked.Exchange(ref _reading, 1) == 0)
        {
            _frames?.Dispose();
            Volatile.Write(ref _reading, 0);
        }
    }
}
