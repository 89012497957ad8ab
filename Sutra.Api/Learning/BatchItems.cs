using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sutra.Api.Errors;
using Sutra.Contracts.Api;

namespace Sutra.Api.Learning;

/// <summary>One item of a batch as it was read: what to learn, or why it cannot be.</summary>
/// <param name="Line">Counted from 1; null in an array.</param>
/// <param name="Bytes">That it was written in.</param>
internal readonly record struct BatchItem(int? Line, LearnItem? Item, LearnItemError? Error, long Bytes);

/// <summary>Reads a batch's items one by one, as the body comes: lines of NDJSON, or elements of an array.</summary>
internal sealed class BatchItems(PipeReader body, LearningOptions options, string? owner)
{
    private const int MaxItemBytes = JsonBody.MaxBytes;

    private long _bytes;

    /// <summary>A line that cannot be read is an error of that line; empty lines count, and are nothing.</summary>
    public async IAsyncEnumerable<BatchItem> LinesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var (line, skipping, ended) = (0, false, false);
        while (!ended)
        {
            var result = await body.ReadAsync(cancellation);
            var buffer = result.Buffer;
            try
            {
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    line++;
                    var text = buffer.Slice(0, end);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    _bytes += text.Length + 1;
                    if (skipping)
                    {
                        skipping = false;
                    }
                    else if (Item(text, line) is { } item)
                    {
                        yield return item;
                    }
                }

                var rest = buffer.Length;
                ended = result.IsCompleted;
                if (_bytes + rest > options.MaxBatchBytes)
                {
                    ended = true;
                    yield return TooLarge(line + 1);
                }
                else if (!skipping && rest > MaxItemBytes)
                {
                    skipping = true;
                    yield return new BatchItem(
                        line + 1, null, new LearnItemError(null, ProblemCodes.BodyTooLarge, $"The line is larger than {MaxItemBytes / 1024 / 1024} MiB.", Retryable: false), rest);
                }
                else if (ended && !skipping && Item(buffer, line + 1) is { } last)
                {
                    yield return last;
                }

                if (skipping)
                {
                    _bytes += rest;
                    buffer = buffer.Slice(buffer.End);
                }
            }
            finally
            {
                body.AdvanceTo(ended ? result.Buffer.End : buffer.Start, result.Buffer.End);
            }
        }
    }

    /// <summary>What is no JSON ends the array: what follows cannot be told apart any more.</summary>
    /// <exception cref="ApiProblem">400: the body is not an array.</exception>
    public async IAsyncEnumerable<BatchItem> ElementsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var array = new ArrayReader();
        var (count, ended, first) = (0, false, true);
        while (!ended)
        {
            var result = await body.ReadAsync(cancellation);
            var buffer = result.Buffer;
            try
            {
                if (first && (buffer.Length >= 3 || result.IsCompleted))
                {
                    buffer = JsonBody.WithoutMark(buffer);
                    first = false;
                }

                var step = first ? ArrayStep.More : ArrayStep.Element;
                while (step == ArrayStep.Element)
                {
                    var before = buffer.Length;
                    step = array.Next(ref buffer, result.IsCompleted, out var element);
                    _bytes += before - buffer.Length;
                    if (step == ArrayStep.Element)
                    {
                        count++;
                        yield return Item(element, null) ?? default;
                    }
                }

                ended = step != ArrayStep.More;
                if (step == ArrayStep.NotArray)
                {
                    throw new ApiProblem(StatusCodes.Status400BadRequest, ProblemCodes.InvalidJson, "The body must be a JSON array of objects.");
                }
                else if (step == ArrayStep.NotJson)
                {
                    yield return new BatchItem(
                        null, null, new LearnItemError(null, ProblemCodes.InvalidJson, $"After {count} items the array is not valid JSON.", Retryable: false), 0);
                }
                else if (!ended && (_bytes + buffer.Length > options.MaxBatchBytes || buffer.Length > MaxItemBytes))
                {
                    ended = true;
                    yield return TooLarge(null);
                }
            }
            finally
            {
                body.AdvanceTo(ended ? result.Buffer.End : buffer.Start, result.Buffer.End);
            }
        }
    }

    private static BatchItem TooLarge(int? line) => new(
        line,
        null,
        new LearnItemError(null, ProblemCodes.BodyTooLarge, "The body, or one item of it, is larger than may be: this and what follows was not read.", Retryable: false),
        0);

    private BatchItem? Item(ReadOnlySequence<byte> json, int? line)
    {
        if (line is 1)
        {
            json = JsonBody.WithoutMark(json);
        }

        if (line is not null && IsBlank(json))
        {
            return null;
        }

        try
        {
            var read = JsonBody.Parse(json, ApiJson.Default.LearnBatchItem, line is null ? "item" : "line");
            if (read.Collection is not null)
            {
                return Failed(line, json, new LearnItemError(
                    "collection", ProblemCodes.InvalidRequest, "A batch is for one collection: name it in the query string.", Retryable: false));
            }

            return new BatchItem(line, new LearnItem(read.Content ?? "", read.Metadata, read.Associations, read.Owner ?? owner, read.Id), null, json.Length);
        }
        catch (ApiProblem e)
        {
            return Failed(line, json, e.Errors?.FirstOrDefault() is { Key: { } field } error
                ? new LearnItemError(field, e.Code, error.Value[0], Retryable: false)
                : new LearnItemError(null, e.Code, e.Message, Retryable: false));
        }
    }

    private static BatchItem Failed(int? line, ReadOnlySequence<byte> json, LearnItemError error) => new(line, null, error, json.Length);

    private static bool IsBlank(ReadOnlySequence<byte> line)
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
