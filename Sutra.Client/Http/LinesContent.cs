using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sutra.Client.Http;

/// <summary>Lines of JSON, written as they come: a body of any size.</summary>
internal sealed class LinesContent<T> : HttpContent
{
    private const int FlushBytes = 64 * 1024;

    private readonly IAsyncEnumerable<T> _items;
    private readonly JsonTypeInfo<T> _type;
    private readonly CancellationToken _cancellation;

    public LinesContent(IAsyncEnumerable<T> items, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        (_items, _type, _cancellation) = (items, type, cancellation);
        Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.Lines) { CharSet = "utf-8" };
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cancellation);
        using var buffer = new MemoryStream();
        await foreach (var item in _items.WithCancellation(both.Token).ConfigureAwait(false))
        {
            JsonSerializer.Serialize(buffer, item, _type);
            buffer.WriteByte((byte)'\n');
            if (buffer.Length >= FlushBytes)
            {
                await FlushAsync().ConfigureAwait(false);
            }
        }

        await FlushAsync().ConfigureAwait(false);

        async Task FlushAsync()
        {
            await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), both.Token).ConfigureAwait(false);
            buffer.SetLength(0);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
