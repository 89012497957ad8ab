using System.Net;
using Grpc.Core;
using Grpc.Net.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>The one request of a call; serialized whenever it is sent, so that a handler may send it again.</summary>
internal sealed class UnaryContent<TRequest> : HttpContent
    where TRequest : class
{
    private readonly TRequest _request;
    private readonly Marshaller<TRequest> _marshaller;
    private readonly GrpcCall _call;

    public UnaryContent(TRequest request, Marshaller<TRequest> marshaller, GrpcCall call)
    {
        _request = request;
        _marshaller = marshaller;
        _call = call;
        Headers.ContentType = RequestHeaders.ContentType;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var buffer = new PooledBuffer();
        var compress = _call.Compress && ((_call.Options.WriteOptions?.Flags ?? default) & WriteFlags.NoCompress) == 0;
        FrameWriter.Write(_request, _marshaller.ContextualSerializer, buffer, _call.MaxSendMessageSize, compress);
        await stream.WriteAsync(buffer.Written, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>The requests of a streaming call: open until its writer completes.</summary>
internal sealed class StreamingContent<TRequest> : HttpContent
    where TRequest : class
{
    private readonly RequestStreamWriter<TRequest> _writer;

    public StreamingContent(RequestStreamWriter<TRequest> writer)
    {
        _writer = writer;
        Headers.ContentType = RequestHeaders.ContentType;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The server shall see the call before its first message.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        await _writer.RunAsync(stream).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
