using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sutra.Api.Errors;

namespace Sutra.Api.Learning;

internal enum LineFault
{
    None,

    /// <summary>The line is larger than <see cref="JsonLines.MaxLineBytes"/>; it was skipped.</summary>
    LineTooLarge,

    /// <summary>The body is larger than may be; nothing follows.</summary>
    BodyTooLarge,
}

/// <summary>One line of a body.</summary>
/// <param name="Number">Counted from 1, empty lines included.</param>
/// <param name="Json">Valid until the next line is asked for; empty where there is a fault.</param>
/// <param name="Bytes">That it takes.</param>
internal readonly record struct JsonLine(int Number, ReadOnlySequence<byte> Json, LineFault Fault, long Bytes);

/// <summary>Lines of a body of any size, as they come; what is empty or white space counts, and is left out.</summary>
internal static class JsonLines
{
    /// <summary>Room for the largest request, whatever a line is one of.</summary>
    public const int MaxLineBytes = JsonBody.MaxBytes;

    public static async IAsyncEnumerable<JsonLine> ReadAsync(PipeReader body, long maxBytes, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (line, bytes, skipping, ended) = (0, 0L, false, false);
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
                    bytes += text.Length + 1;
                    if (skipping)
                    {
                        skipping = false;
                    }
                    else if (Line(line, text) is { } read)
                    {
                        yield return read;
                    }
                }

                var rest = buffer.Length;
                ended = result.IsCompleted;
                if (bytes + rest > maxBytes)
                {
                    ended = true;
                    yield return new JsonLine(line + 1, default, LineFault.BodyTooLarge, 0);
                }
                else if (!skipping && rest > MaxLineBytes)
                {
                    skipping = true;
                    yield return new JsonLine(line + 1, default, LineFault.LineTooLarge, rest);
                }
                else if (ended && !skipping && Line(line + 1, buffer) is { } last)
                {
                    yield return last;
                }

                if (skipping)
                {
                    bytes += rest;
                    buffer = buffer.Slice(buffer.End);
                }
            }
            finally
            {
                body.AdvanceTo(ended ? result.Buffer.End : buffer.Start, result.Buffer.End);
            }
        }
    }

    private static JsonLine? Line(int number, ReadOnlySequence<byte> text)
    {
        if (number == 1)
        {
            text = JsonBody.WithoutMark(text);
        }

        return IsBlank(text) ? null : new JsonLine(number, text, LineFault.None, text.Length);
    }

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
