using System.Text.Json;

namespace Sutra.Embedder.Http;

/// <summary>A JSON answer that is written straight into the response's own buffers, and sent as it grows.</summary>
internal sealed class JsonResponse(HttpResponse response, CancellationToken cancellation) : IDisposable
{
    private const int FlushBytes = 64 << 10;

    // What is written is well formed by construction.
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    public Utf8JsonWriter Json { get; } = Start(response);

    /// <summary>Sends what there is, if it is much; a client who does not read holds us back here.</summary>
    public ValueTask FlushIfLargeAsync() => Json.BytesPending + response.BodyWriter.UnflushedBytes > FlushBytes ? FlushAsync() : ValueTask.CompletedTask;

    private async ValueTask FlushAsync()
    {
        Json.Flush();
        if ((await response.BodyWriter.FlushAsync(cancellation)).IsCompleted)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Sends what is left. An answer that nothing was sent of before goes out whole, with its length, in one packet if it is short.</summary>
    public ValueTask FinishAsync()
    {
        Json.Flush();
        if (!response.HasStarted)
        {
            response.ContentLength = response.BodyWriter.UnflushedBytes;
        }

        return FlushAsync();
    }

    public void Dispose() => Json.Dispose();

    private static Utf8JsonWriter Start(HttpResponse response)
    {
        response.ContentType = "application/json";
        return new Utf8JsonWriter(response.BodyWriter, Options);
    }
}
