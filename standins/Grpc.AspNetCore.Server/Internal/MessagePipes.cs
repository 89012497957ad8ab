using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Internal;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Reads messages from a request's pipe; a deserializer sees the pipe's own buffers.</summary>
internal static class MessagePipes
{
    /// <summary>The only message of a unary or server streaming call, and the end of the request after it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<T> ReadSingleAsync<T>(HttpContextServerCallContext context, Func<DeserializationContext, T> deserializer)
        where T : class
    {
        var reader = context.HttpContext.Request.BodyReader;
        T? message = null;
        while (true)
        {
            var result = await reader.ReadAsync();
            var buffer = result.Buffer;
            try
            {
                ThrowIfCanceled(result);
                if (message is null)
                {
                    TryTake(ref buffer, context, deserializer, out message);
                }

                if (message is not null && !buffer.IsEmpty)
                {
                    throw new RpcException(new Status(StatusCode.Internal, "Additional data after the message received."));
                }
            }
            finally
            {
                reader.AdvanceTo(buffer.Start, buffer.End);
            }

            if (result.IsCompleted)
            {
                return message ?? throw Incomplete();
            }
        }
    }

    /// <summary>The next message of a stream, or null at its end.</summary>
    public static ValueTask<T?> ReadNextAsync<T>(
        HttpContextServerCallContext context, Func<DeserializationContext, T> deserializer, CancellationToken cancellationToken)
        where T : class
    {
        // Most messages of a busy stream are in the pipe already: no state machine for those.
        var reader = context.HttpContext.Request.BodyReader;
        var read = reader.ReadAsync(cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            return ReadNextSlowAsync(read, reader, context, deserializer, cancellationToken);
        }

        return TryFinish(read.Result, reader, context, deserializer, out var message)
            ? new ValueTask<T?>(message)
            : ReadNextSlowAsync(reader.ReadAsync(cancellationToken), reader, context, deserializer, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<T?> ReadNextSlowAsync<T>(
        ValueTask<ReadResult> read,
        PipeReader reader,
        HttpContextServerCallContext context,
        Func<DeserializationContext, T> deserializer,
        CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            if (TryFinish(await read, reader, context, deserializer, out var message))
            {
                return message;
            }

            read = reader.ReadAsync(cancellationToken);
        }
    }

    private static bool TryFinish<T>(
        ReadResult result, PipeReader reader, HttpContextServerCallContext context, Func<DeserializationContext, T> deserializer, out T? message)
        where T : class
    {
        var buffer = result.Buffer;
        var taken = false;
        message = null;
        try
        {
            ThrowIfCanceled(result);
            taken = TryTake(ref buffer, context, deserializer, out message);
            if (!taken && result.IsCompleted && !buffer.IsEmpty)
            {
                throw Incomplete();
            }

            return taken || result.IsCompleted;
        }
        finally
        {
            reader.AdvanceTo(buffer.Start, taken ? buffer.Start : buffer.End);
        }
    }

    private static bool TryTake<T>(
        ref ReadOnlySequence<byte> buffer, HttpContextServerCallContext context, Func<DeserializationContext, T> deserializer, out T? message)
        where T : class
    {
        var limit = context.Options.MaxReceiveMessageSize;
        message = null;
        if (!Frame.TryTake(ref buffer, limit, out var compressed, out var payload))
        {
            return false;
        }

        if (compressed && Frame.CheckEncoding(context.RequestEncoding) is { } status)
        {
            if (status.StatusCode == StatusCode.Unimplemented && !context.HttpContext.Response.HasStarted)
            {
                context.HttpContext.Response.Headers.GrpcAcceptEncoding = "identity,gzip";
            }

            throw new RpcException(status);
        }

        message = Frame.Deserialize(payload, compressed, limit, deserializer);
        return true;
    }

    private static void ThrowIfCanceled(in ReadResult result)
    {
        if (result.IsCanceled)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Incoming message cancelled."));
        }
    }

    private static RpcException Incomplete() => new(new Status(StatusCode.Internal, "Incomplete message."));
}

internal sealed class RequestStreamReader<T>(HttpContextServerCallContext context, Func<DeserializationContext, T> deserializer)
    : IAsyncStreamReader<T>
    where T : class
{
    private static readonly Task<bool> True = Task.FromResult(true);
    private static readonly Task<bool> False = Task.FromResult(false);
    private readonly CancellationToken _aborted = context.HttpContext.RequestAborted;
    private bool _completed;

    public T Current { get; private set; } = null!;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        if (_completed || _aborted.IsCancellationRequested)
        {
            return Task.FromException<bool>(new InvalidOperationException("Can't read messages after the request is complete."));
        }

        Current = null!;
        try
        {
            var next = MessagePipes.ReadNextAsync(context, deserializer, cancellationToken);
            return next.IsCompletedSuccessfully ? Take(next.Result) ? True : False : AwaitAsync(next);
        }
        catch (Exception exception)
        {
            return Task.FromException<bool>(exception);
        }
    }

    /// <summary>The handler has returned.</summary>
    public void Complete() => _completed = true;

    private async Task<bool> AwaitAsync(ValueTask<T?> next) => Take(await next);

    private bool Take(T? message)
    {
        Current = message!;
        return message is not null;
    }
}

internal sealed class ResponseStreamWriter<T>(HttpContextServerCallContext context, Action<T, SerializationContext> serializer)
    : IServerStreamWriter<T>
    where T : class
{
    private readonly PipeWriter _output = context.HttpContext.Response.BodyWriter;
    private readonly CancellationToken _aborted = context.HttpContext.RequestAborted;
    private bool _completed;

    public WriteOptions? WriteOptions
    {
        get => context.WriteOptions;
        set => context.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteCoreAsync(message, CancellationToken.None);

    Task IAsyncStreamWriter<T>.WriteAsync(T message, CancellationToken cancellationToken) => WriteCoreAsync(message, cancellationToken);

    /// <summary>The handler has returned.</summary>
    public void Complete() => _completed = true;

    private Task WriteCoreAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (cancellationToken.IsCancellationRequested)
        {
            context.Reset();
            return Task.FromCanceled(cancellationToken);
        }

        if (_completed || _aborted.IsCancellationRequested)
        {
            return Task.FromException(new InvalidOperationException("Can't write the message because the request is complete."));
        }

        try
        {
            context.BeginWrite();
        }
        catch (InvalidOperationException exception)
        {
            return Task.FromException(exception);
        }

        // A write that flow control lets through at once costs no state machine.
        var finished = true;
        try
        {
            var response = context.HttpContext.Response;
            if (!response.HasStarted)
            {
                finished = false;
                return WriteFirstAsync(response, message, cancellationToken);
            }

            var flush = Send(message, cancellationToken);
            if (flush.IsCompletedSuccessfully)
            {
                Check(flush.Result, cancellationToken);
                return Task.CompletedTask;
            }

            finished = false;
            return AwaitFlushAsync(flush, cancellationToken);
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }
        finally
        {
            if (finished)
            {
                context.EndWrite();
            }
        }
    }

    private ValueTask<FlushResult> Send(T message, CancellationToken cancellationToken)
    {
        FrameWriter.Write(message, serializer, _output, context.Options.MaxSendMessageSize, context.CompressMessage);
        return ((WriteOptions?.Flags ?? default) & WriteFlags.BufferHint) != 0
            ? new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: false))
            : _output.FlushAsync(cancellationToken);
    }

    private async Task WriteFirstAsync(HttpResponse response, T message, CancellationToken cancellationToken)
    {
        try
        {
            // Started first, so that the message goes straight into the connection's buffer.
            await response.StartAsync(cancellationToken);
            Check(await Send(message, cancellationToken), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Reset();
            throw;
        }
        finally
        {
            context.EndWrite();
        }
    }

    private async Task AwaitFlushAsync(ValueTask<FlushResult> flush, CancellationToken cancellationToken)
    {
        try
        {
            Check(await flush, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Part of the message may be out: the stream cannot go on.
            context.Reset();
            throw;
        }
        finally
        {
            context.EndWrite();
        }
    }

    private void Check(in FlushResult result, CancellationToken cancellationToken)
    {
        if (result.IsCanceled || (!result.IsCompleted && (_aborted.IsCancellationRequested || cancellationToken.IsCancellationRequested)))
        {
            throw new OperationCanceledException("Request aborted while sending the message.");
        }
    }
}
