using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sutra.Api.Learning;

/// <summary>
/// Writes results as they come, as lines or as an array. Nobody waits for a caller who reads nothing before all is sent: what they
/// have not taken yet is kept, and whoever writes bounds how much that can be.
/// </summary>
internal sealed class BatchAnswer<T>(HttpResponse response, JsonTypeInfo<T> type, bool asArray)
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Utf8JsonWriter _json = new(Stream.Null);
    private Task? _sending;

    public int Count { get; private set; }

    public async Task WriteAsync(IEnumerable<T> results, CancellationToken cancellation)
    {
        _sending ??= Start(cancellation);
        foreach (var result in results)
        {
            Separate();
            _json.Reset(_pipe.Writer);
            JsonSerializer.Serialize(_json, result, type);
            await _json.FlushAsync(cancellation);
            Count++;
        }

        await _pipe.Writer.FlushAsync(cancellation);
    }

    /// <summary>All is written; returns when all is sent.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        _sending ??= Start(cancellation);
        if (asArray)
        {
            Put(Count == 0 ? "[]"u8 : "]"u8);
        }
        else if (Count > 0)
        {
            Put("\n"u8);
        }

        await _pipe.Writer.FlushAsync(cancellation);
        await _pipe.Writer.CompleteAsync();
        await _sending;
    }

    /// <summary>Nothing more comes, as something went wrong.</summary>
    public async Task AbandonAsync()
    {
        await _pipe.Writer.CompleteAsync(new OperationCanceledException());
        if (_sending is { } sending)
        {
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task Start(CancellationToken cancellation)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = asArray ? "application/json; charset=utf-8" : "application/x-ndjson; charset=utf-8";
        return _pipe.Reader.CopyToAsync(response.BodyWriter, cancellation);
    }

    private void Separate()
    {
        if (asArray)
        {
            Put(Count == 0 ? "["u8 : ","u8);
        }
        else if (Count > 0)
        {
            Put("\n"u8);
        }
    }

    private void Put(ReadOnlySpan<byte> text) => System.Buffers.BuffersExtensions.Write(_pipe.Writer, text);
}
