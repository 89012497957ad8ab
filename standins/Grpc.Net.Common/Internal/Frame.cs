using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Grpc.Core;

namespace Grpc.Net.Internal;

/// <summary>A message on the wire: one flag byte (1 = compressed), its length in four bytes, big-endian, its bytes.</summary>
internal static class Frame
{
    public const int HeaderLength = 5;

    /// <summary>Takes the first frame off <paramref name="buffer"/> when it is whole.</summary>
    /// <exception cref="RpcException">The message is larger than <paramref name="limit"/>.</exception>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, int? limit, out bool compressed, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        compressed = false;
        if (buffer.Length < HeaderLength)
        {
            return false;
        }

        Span<byte> copy = stackalloc byte[HeaderLength];
        scoped var header = buffer.FirstSpan;
        if (header.Length < HeaderLength)
        {
            buffer.Slice(0, HeaderLength).CopyTo(copy);
            header = copy;
        }

        var length = ReadHeader(header, limit, out compressed);
        if (buffer.Length < HeaderLength + (long)length)
        {
            return false;
        }

        payload = buffer.Slice(HeaderLength, length);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    public static int ReadHeader(ReadOnlySpan<byte> header, int? limit, out bool compressed)
    {
        compressed = header[0] switch
        {
            0 => false,
            1 => true,
            _ => throw new InvalidDataException("Unexpected compressed flag value in message header."),
        };
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > (limit ?? int.MaxValue - HeaderLength))
        {
            throw ReceivedTooLarge();
        }

        return (int)length;
    }

    public static void WriteHeader(Span<byte> header, bool compressed, int length)
    {
        header[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)length);
    }

    /// <summary>The message in a gzip payload; refuses to inflate beyond <paramref name="limit"/>.</summary>
    public static PooledBuffer Inflate(in ReadOnlySequence<byte> payload, int? limit)
    {
        var bytes = payload.IsSingleSegment ? payload.First : payload.ToArray();
        var source = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
        var inflated = new PooledBuffer();
        try
        {
            using var gzip = new GZipStream(source, CompressionMode.Decompress);
            int read;
            while ((read = gzip.Read(inflated.GetSpan(4096))) > 0)
            {
                inflated.Advance(read);
                if (inflated.Length > (limit ?? int.MaxValue))
                {
                    throw ReceivedTooLarge();
                }
            }

            return inflated;
        }
        catch
        {
            inflated.Dispose();
            throw;
        }
    }

    /// <summary>Runs a deserializer over a payload.</summary>
    public static T Deserialize<T>(in ReadOnlySequence<byte> payload, bool compressed, int? limit, Func<DeserializationContext, T> deserializer)
    {
        if (!compressed)
        {
            return PayloadContext.Read(payload, deserializer);
        }

        using var inflated = Inflate(payload, limit);
        return PayloadContext.Read(new ReadOnlySequence<byte>(inflated.Written), deserializer);
    }

    /// <summary>Why a compressed message cannot be read, or null when it can.</summary>
    public static Status? CheckEncoding(string? encoding) => encoding switch
    {
        HeaderEncoding.Gzip => null,
        null => new Status(StatusCode.Internal, "Request did not include grpc-encoding value with compressed message."),
        HeaderEncoding.Identity => new Status(StatusCode.Internal, "Request sent 'identity' grpc-encoding value with compressed message."),
        _ => new Status(StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: identity, gzip"),
    };

    private static RpcException ReceivedTooLarge() =>
        new(new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));

    private sealed class PayloadContext : DeserializationContext
    {
        // Deserializers run to their end on one thread, so one context per thread serves all calls.
        [ThreadStatic]
        private static PayloadContext? _cached;

        private ReadOnlySequence<byte> _payload;

        public override int PayloadLength => (int)_payload.Length;

        public static T Read<T>(in ReadOnlySequence<byte> payload, Func<DeserializationContext, T> deserializer)
        {
            var context = _cached ?? new PayloadContext();
            _cached = null;
            context._payload = payload;
            try
            {
                return deserializer(context);
            }
            finally
            {
                context._payload = default;
                _cached = context;
            }
        }

        public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;
    }
}
