using Grpc.Core;
using Grpc.Net.Internal;

namespace Grpc.Net.Client.Internal;

internal sealed class RequestStreamWriter<TRequest>(GrpcCall call, Marshaller<TRequest> marshaller) : IClientStreamWriter<TRequest>
    where TRequest : class
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PooledBuffer _buffer = new();
    private Task _write = Task.CompletedTask;
    private bool _completeCalled;

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ObjectDisposedException.ThrowIf(call.Disposed, call);
        lock (_lock)
        {
            if (_completeCalled)
            {
                return Task.FromException(new InvalidOperationException("Request stream has already been completed."));
            }

            if (call.HasEnded)
            {
                return Task.FromException(call.CreateException());
            }

            if (!_write.IsCompleted)
            {
                return Task.FromException(
                    new InvalidOperationException("Can't write the message because the previous write is in progress."));
            }

            return _write = WriteCoreAsync(message, cancellationToken);
        }
    }

    public Task CompleteAsync()
    {
        ObjectDisposedException.ThrowIf(call.Disposed, call);
        lock (_lock)
        {
            if (!_write.IsCompleted)
            {
                return Task.FromException(
                    new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress."));
            }

            _completeCalled = true;
            _completed.TrySetResult();
        }

        return Task.CompletedTask;
    }

    /// <summary>The request is being sent: lets writes through, and lasts until the caller completes or the call ends.</summary>
    public Task RunAsync(Stream stream) => _stream.TrySetResult(stream)
        ? _completed.Task
        : Task.FromException(new IOException("The requests of a streaming call cannot be sent again."));

    /// <summary>The call has ended: waiting and later writes fail.</summary>
    public void Abort()
    {
        _stream.TrySetCanceled();
        _completed.TrySetCanceled();
    }

    private async Task WriteCoreAsync(TRequest message, CancellationToken cancellationToken)
    {
        // Given up, a write may be half out: the call cannot go on without it.
        var registration = cancellationToken.CanBeCanceled && cancellationToken != call.Options.CancellationToken
            ? cancellationToken.UnsafeRegister(static state => ((GrpcCall)state!).CancelByCaller(), call)
            : default;
        try
        {
            var flags = (WriteOptions ?? call.Options.WriteOptions)?.Flags ?? default;
            FrameWriter.Write(
                message,
                marshaller.ContextualSerializer,
                _buffer,
                call.MaxSendMessageSize,
                call.Compress && (flags & WriteFlags.NoCompress) == 0);
            try
            {
                var stream = await _stream.Task.ConfigureAwait(false);
                await stream.WriteAsync(_buffer.Written, call.Cancellation).ConfigureAwait(false);
                await stream.FlushAsync(call.Cancellation).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                throw await call.ExplainAsync(exception).ConfigureAwait(false);
            }
        }
        finally
        {
            _buffer.Dispose();
            registration.Dispose();
        }
    }
}
