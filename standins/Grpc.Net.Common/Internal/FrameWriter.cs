using System.Buffers;
using System.IO.Compression;
using Grpc.Core;

namespace Grpc.Net.Internal;

/// <summary>
/// Serializes a message straight into its destination: when the serializer says the length first, as generated code does,
/// the five header bytes are written ahead and the message is never copied.
/// </summary>
internal sealed class FrameWriter : SerializationContext
{
    // Serializers run to their end on one thread, so one writer per thread serves all calls.
    [ThreadStatic]
    private static FrameWriter? _cached;

    private readonly PooledBuffer _held = new();
    private IBufferWriter<byte>? _output;
    private int? _limit;
    private bool _compress;
    private bool _headerWritten;
    private bool _completed;

    public static void Write<T>(T message, Action<T, SerializationContext> serializer, IBufferWriter<byte> output, int? limit, bool compress)
    {
        var writer = _cached ?? new FrameWriter();
        _cached = null;
        writer._output = output;
        writer._limit = limit;
        writer._compress = compress;
        try
        {
            serializer(message, writer);
            if (!writer._completed)
            {
                throw new InvalidOperationException("Serialization did not return a payload.");
            }
        }
        finally
        {
            writer._held.Dispose();
            writer._output = null;
            writer._headerWritten = false;
            writer._completed = false;
            _cached = writer;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        CheckLimit(payloadLength);
        if (!_compress)
        {
            WriteHeader(payloadLength);
        }
    }

    public override IBufferWriter<byte> GetBufferWriter() => _headerWritten ? _output! : _held;

    public override void Complete()
    {
        if (!_headerWritten)
        {
            WriteWhole(_held.Written);
        }

        _completed = true;
    }

    public override void Complete(byte[] payload)
    {
        WriteWhole(payload);
        _completed = true;
    }

    private void WriteWhole(ReadOnlyMemory<byte> payload)
    {
        CheckLimit(payload.Length);
        if (!_compress)
        {
            if (!_headerWritten)
            {
                WriteHeader(payload.Length);
            }

            _output!.Write(payload.Span);
            return;
        }

        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(payload.Span);
        }

        WriteHeader((int)packed.Length);
        _output!.Write(packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    private void WriteHeader(int length)
    {
        Frame.WriteHeader(_output!.GetSpan(Frame.HeaderLength), _compress, length);
        _output.Advance(Frame.HeaderLength);
        _headerWritten = true;
    }

    private void CheckLimit(int length)
    {
        if (length > _limit)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."));
        }
    }
}
