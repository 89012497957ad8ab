using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Threading.Channels;
using Sutra.Embedder.Http;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Bulk;

/// <summary>The texts of one stream on their way. Answers leave in the order of the lines.</summary>
internal sealed class TextStream : IDisposable
{
    /// <summary>Room of a stream: so many texts, or so many times <see cref="UnitBytes"/>, are under way or wait to be taken.</summary>
    private const int Room = 256;

    private const int UnitBytes = 16 << 10;
    private const int FlushBytes = 32 << 10;

    private readonly EmbeddingPipeline _pipeline;
    private readonly EmbeddingCall _call;
    private readonly bool _base64;
    private readonly DoorOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended;
    private readonly SemaphoreSlim _room = new(Room);
    private readonly Channel<StreamItem> _items = Channel.CreateUnbounded<StreamItem>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private long _count;
    private long _progressAt;
    private (string Message, string Code)? _end;

    public TextStream(EmbeddingPipeline pipeline, EmbeddingCall call, bool base64, DoorOptions options, TimeProvider time, CancellationToken aborted)
    {
        _pipeline = pipeline;
        _call = call;
        _base64 = base64;
        _options = options;
        _time = time;
        _progressAt = time.GetTimestamp();
        _ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    }

    /// <summary>Ends with the body; or, with a last line that says why, when <paramref name="stopping"/> does or the caller sends nothing for too long.</summary>
    public async Task RunAsync(PipeReader body, PipeWriter answers, CancellationToken stopping)
    {
        var writing = WriteAllAsync(answers);
        try
        {
            await ReadAllAsync(body, stopping);
        }
        catch (BadHttpRequestException)
        {
            _end = ("The body is not valid HTTP, or broke off.", "bad_body");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The caller is gone: what is under way is for nobody.
            await _ended.CancelAsync();
        }
        finally
        {
            _items.Writer.Complete();
            await writing;
        }
    }

    public void Dispose()
    {
        _ended.Dispose();
        _room.Dispose();
    }

    private async Task ReadAllAsync(PipeReader body, CancellationToken stopping)
    {
        var lines = new LineReader(body, _options.MaxLineBytes);
        try
        {
            while (!lines.IsComplete)
            {
                if (!await ReadAsync(lines, stopping))
                {
                    return;
                }

                while (lines.TryTake(out var line))
                {
                    await AcceptAsync(line, lines.WasTooLong);
                }
            }
        }
        finally
        {
            lines.Release();
        }
    }

    /// <summary>False: the stream ends before its body does.</summary>
    private async ValueTask<bool> ReadAsync(LineReader lines, CancellationToken stopping)
    {
        while (true)
        {
            var isIdle = _room.CurrentCount == Room;
            var left = isIdle ? _options.StreamIdle - _time.GetElapsedTime(Interlocked.Read(ref _progressAt)) : _options.StreamIdle;
            using var idle = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, stopping, idle.Token);
            try
            {
                await lines.ReadAsync(limit.Token);
                return true;
            }
            catch (OperationCanceledException) when (!_ended.IsCancellationRequested)
            {
                if (stopping.IsCancellationRequested)
                {
                    _end = ("The embedder stops; send what was not answered again.", "stopping");
                    return false;
                }

                if (_room.CurrentCount == Room && _time.GetElapsedTime(Interlocked.Read(ref _progressAt)) >= _options.StreamIdle)
                {
                    _end = ("No whole line came for too long.", "request_timeout");
                    return false;
                }
            }
        }
    }

    private async ValueTask AcceptAsync(ReadOnlySequence<byte> line, bool tooLong)
    {
        if (IsBlank(line) && !tooLong)
        {
            return;
        }

        var units = (int)Math.Min(Room, 1 + (line.Length / UnitBytes));
        for (var i = 0; i < units; i++)
        {
            await _room.WaitAsync(_ended.Token);
        }

        Interlocked.Exchange(ref _progressAt, _time.GetTimestamp());
        var item = tooLong
            ? new StreamItem(_count, units).Wrong($"The line is too long: the most is {_options.MaxLineBytes} bytes.", "line_too_long")
            : StreamItem.Read(line, _count, units);
        _count++;
        _items.Writer.TryWrite(item.Text is { } text
            ? item with { Answer = _pipeline.EmbedAsync(_call with { Texts = [text] }, _ended.Token) }
            : item);
    }

    private async Task WriteAllAsync(PipeWriter answers)
    {
        using var json = new Utf8JsonWriter(answers, new JsonWriterOptions { SkipValidation = true });
        try
        {
            await foreach (var item in _items.Reader.ReadAllAsync(CancellationToken.None))
            {
                await WriteAsync(json, answers, item);
                _room.Release(item.Units);
                Interlocked.Exchange(ref _progressAt, _time.GetTimestamp());
                if (answers.UnflushedBytes > FlushBytes || !_items.Reader.TryPeek(out _))
                {
                    await FlushAsync(answers);
                }
            }

            if (_end is { } end)
            {
                json.Reset();
                json.WriteStartObject();
                json.WriteNumber("index"u8, _count);
                WriteEnd(json, answers, end);
            }

            await FlushAsync(answers);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            await _ended.CancelAsync();
            await foreach (var item in _items.Reader.ReadAllAsync(CancellationToken.None))
            {
                await Observe(item);
            }
        }
    }

    private async Task WriteAsync(Utf8JsonWriter json, PipeWriter answers, StreamItem item)
    {
        EmbeddingAnswer? answer = null;
        var error = item.Error;
        if (item.Answer is { } task)
        {
            if (!task.IsCompleted)
            {
                await FlushAsync(answers); // What is done leaves before the rest is waited for.
            }

            try
            {
                answer = await task;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                var refusal = Refusals.For(e);
                error = (refusal.Message, refusal.Code ?? "failed");
            }
        }

        json.Reset();
        json.WriteStartObject();
        if (item.Id is { } id)
        {
            json.WritePropertyName("id"u8);
            json.WriteRawValue(id, skipInputValidation: true);
        }

        json.WriteNumber("index"u8, item.Index);
        if (answer is not null)
        {
            json.WriteItem(answer.Items[0], answer.Type, _base64);
            json.WriteEndObject();
            json.Flush();
            answers.Write("\n"u8);
        }
        else
        {
            WriteEnd(json, answers, error!.Value);
        }
    }

    private static void WriteEnd(Utf8JsonWriter json, PipeWriter answers, (string Message, string Code) error)
    {
        json.WriteError(error.Message, error.Code);
        json.WriteEndObject();
        json.Flush();
        answers.Write("\n"u8);
    }

    private async ValueTask FlushAsync(PipeWriter answers)
    {
        if ((await answers.FlushAsync(_ended.Token)).IsCompleted)
        {
            throw new IOException("The caller is gone.");
        }
    }

    private static async Task Observe(StreamItem item)
    {
        if (item.Answer is { } answer)
        {
            await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool IsBlank(in ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
        {
            if (segment.Span.ContainsAnyExcept(" \t\r"u8))
            {
                return false;
            }
        }

        return true;
    }
}
