using Sutra.Api.Ingestion.Jobs;

namespace Sutra.Api.Ingestion.Uploads;

/// <summary>A record's place.</summary>
/// <param name="Offset">Where its first byte is.</param>
/// <param name="Line">The line, or the element, that it begins in; from 1.</param>
internal readonly record struct RecordPlace(long Offset, long Length, long Line);

/// <summary>
/// Finds where records begin and end in bytes that come in pieces of any size, without keeping any of them. What a record says is not
/// looked at. The same code cuts an upload while it arrives, from its start, and a range of it when it is worked on.
/// </summary>
/// <param name="offset">Of the first byte that will be pushed.</param>
/// <param name="line">Of the first record.</param>
internal abstract class RecordSplitter(long offset, long line)
{
    /// <summary>Of the next byte.</summary>
    protected long Offset { get; set; } = offset;

    protected long Line { get; set; } = line;

    /// <summary>For an upload, or for a range that begins with a record.</summary>
    public static RecordSplitter Of(JobFormat format, JobRange? range) => format switch
    {
        JobFormat.Csv => new CsvSplitter(range?.Offset ?? 0, range?.FirstLine ?? 1),
        JobFormat.Json => new JsonArraySplitter(range?.Offset ?? 0, range?.FirstLine ?? 1, inside: range is not null),
        _ => new LineSplitter(range?.Offset ?? 0, range?.FirstLine ?? 1),
    };

    /// <exception cref="UploadException">It is not of that format at all.</exception>
    public abstract void Push(ReadOnlySpan<byte> bytes, IRecordSink sink);

    /// <summary>Nothing follows.</summary>
    /// <exception cref="UploadException">It ends in the middle.</exception>
    public abstract void End(IRecordSink sink);
}

internal interface IRecordSink
{
    void Add(RecordPlace record);
}

/// <summary>An upload that cannot be cut into records. The message says where, and repeats nothing.</summary>
internal sealed class UploadException(string message) : Exception(message);
