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
        await foreach (var line in JsonLines.ReadAsync(body, options.MaxBatchBytes, cancellation))
        {
            yield return line.Fault switch
            {
                LineFault.BodyTooLarge => TooLarge(line.Number),
                LineFault.LineTooLarge => LineTooLarge(line),
                _ => Item(line.Json, line.Number),
            };
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
                        yield return Item(element, null);
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

    public static BatchItem LineTooLarge(in JsonLine line) => new(
        line.Number,
        null,
        new LearnItemError(null, ProblemCodes.BodyTooLarge, $"The line is larger than {JsonLines.MaxLineBytes / 1024 / 1024} MiB.", Retryable: false),
        line.Bytes);

    private static BatchItem TooLarge(int? line) => new(
        line,
        null,
        new LearnItemError(null, ProblemCodes.BodyTooLarge, "The body, or one item of it, is larger than may be: this and what follows was not read.", Retryable: false),
        0);

    private BatchItem Item(ReadOnlySequence<byte> json, int? line)
    {
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
            return Failed(line, json, LearnItemError.Of(e));
        }
    }

    private static BatchItem Failed(int? line, ReadOnlySequence<byte> json, LearnItemError error) => new(line, null, error, json.Length);
}
