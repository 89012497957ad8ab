using System.Buffers;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>Cuts a response's body into messages; one read of the network may bring many of them.</summary>
internal sealed class ResponseFrames(Stream stream, int? limit, string? encoding) : IDisposable
{
    private const int InitialBuffer = 4096;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _length = -1;
    private bool _compressed;

    /// <summary>Waits for the next whole message; false at the end of the body.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (!TryRead())
        {
            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return _start == _end
                    ? false
                    : throw new InvalidDataException(_end - _start < Frame.HeaderLength
                        ? "Unexpected end of content while reading the message header."
                        : "Unexpected end of content while reading the message content.");
            }

            _end += read;
        }

        return true;
    }

    /// <summary>Whether a whole message is here already; then <see cref="Take"/> has it.</summary>
    public bool TryRead()
    {
        if (_length < 0)
        {
            if (_end - _start < Frame.HeaderLength)
            {
                return false;
            }

            _length = Frame.ReadHeader(_buffer.AsSpan(_start, Frame.HeaderLength), limit, out _compressed);
            if (_compressed && Frame.CheckEncoding(encoding) is { } status)
            {
                throw new RpcException(status);
            }
        }

        return _end - _start >= Frame.HeaderLength + _length;
    }

    public T Take<T>(Func<DeserializationContext, T> deserializer)
    {
        var payload = new ReadOnlySequence<byte>(_buffer, _start + Frame.HeaderLength, _length);
        _start += Frame.HeaderLength + _length;
        _length = -1;
        return Frame.Deserialize(payload, _compressed, limit, deserializer);
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        _length = -1;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        var needed = Math.Max(Frame.HeaderLength + Math.Max(_length, 0), InitialBuffer);
        if (_buffer.Length >= needed)
        {
            if (_buffer.Length - _start < needed || _end == _buffer.Length)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(needed);
        _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
        _end -= _start;
        _start = 0;
    }
}
