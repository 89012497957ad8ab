using System.Buffers;
using Microsoft.Extensions.Options;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Parsing;
using Sutra.Api.Ingestion.Uploads;
using Sutra.Api.Learning;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.Ingestion.Workers;

/// <summary>Reads what a lease is for, has it learned, and says what became of each item.</summary>
internal sealed class GroupWorker(Spool spool, GroupLearner learner, IOptions<IngestionOptions> options, TimeProvider time)
{
    /// <summary>Longer records are not read; the largest concept fits, with every byte of it a JSON escape of six.</summary>
    public const int MaxRecord = ConceptLimits.RequestBody;

    private static readonly TimeSpan s_longestDelay = TimeSpan.FromHours(1);

    /// <param name="learning">Told how long learning took, for how many.</param>
    /// <exception cref="AwayException"></exception>
    /// <exception cref="JobFailedException"></exception>
    public async Task<WorkOutcome> DoAsync(Work work, Action<TimeSpan, int> learning, CancellationToken cancellation)
    {
        var records = await ReadAsync(work, cancellation);
        var items = records.Where(record => record.Parsed.Item is not null).Select(record => record.Parsed.Item!).ToList();
        var started = time.GetTimestamp();
        var outcomes = items.Count == 0 ? [] : await learner.LearnAsync(work.Job, items, cancellation);
        if (items.Count > 0)
        {
            learning(time.GetElapsedTime(started), items.Count);
        }

        return Judge(records, outcomes);
    }

    private WorkOutcome Judge(List<Record> records, IReadOnlyList<LearnOutcome> outcomes)
    {
        long learned = 0, truncated = 0;
        var notLearned = new List<JobItem>();
        var next = 0;
        foreach (var record in records)
        {
            var outcome = record.Parsed.Item is null ? null : outcomes[next++];
            if ((outcome is null ? record.Parsed.Error : outcome.Error) is not { } error)
            {
                learned++;
                truncated += outcome!.Truncated ? 1 : 0;
                continue;
            }

            var attempts = record.Attempts + 1;
            var again = error.Retryable && attempts < options.Value.Attempts;
            notLearned.Add(new JobItem(
                record.Place.Line,
                record.Place.Offset,
                record.Place.Length,
                again ? ItemState.Failed : ItemState.Dead,
                attempts,
                error.Field ?? ItemParser.Line,
                error.Code,
                error.Message,
                again ? time.GetUtcNow() + Backoff.Of(options.Value.RetryDelay, attempts, s_longestDelay) : null));
        }

        return new WorkOutcome(learned, truncated, notLearned);
    }

    private async Task<List<Record>> ReadAsync(Work work, CancellationToken cancellation)
    {
        try
        {
            await using var file = spool.Read(work.Job.Id);
            var parser = ItemParser.Of(work.Job, await ReadBytesAsync(file, 0, work.Job.HeaderBytes, cancellation));
            return work.Range is { } range
                ? await ReadRangeAsync(work.Job, range, file, parser, cancellation)
                : await ReadItemsAsync(work.Items, file, parser, cancellation);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
        {
            throw new JobFailedException("upload_missing", e);
        }
        catch (IOException e)
        {
            // Whoever took it in has not let go of it yet; or the volume is away.
            throw new AwayException("folder of uploads", overloaded: false, e);
        }
    }

    private static async Task<List<Record>> ReadRangeAsync(Job job, JobRange range, FileStream file, ItemParser parser, CancellationToken cancellation)
    {
        if (range.Items == 1 && range.Length > MaxRecord)
        {
            return [TooLong(new RecordPlace(range.Offset, range.Length, range.FirstLine), 0)];
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)range.Length);
        try
        {
            await ReadBytesAsync(file, range.Offset, buffer.AsMemory(0, (int)range.Length), cancellation);
            var places = new Places(range.Items);
            var splitter = RecordSplitter.Of(job.Format, range);
            splitter.Push(buffer.AsSpan(0, (int)range.Length), places);
            splitter.End(places);
            return places.All.ConvertAll(place =>
                new Record(place, 0, parser.Parse(buffer.AsSpan((int)(place.Offset - range.Offset), (int)place.Length))));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<List<Record>> ReadItemsAsync(IReadOnlyList<JobItem> items, FileStream file, ItemParser parser, CancellationToken cancellation)
    {
        var records = new List<Record>(items.Count);
        foreach (var item in items)
        {
            var place = new RecordPlace(item.Offset, item.Length, item.Line);
            records.Add(item.Length > MaxRecord
                ? TooLong(place, item.Attempts)
                : new Record(place, item.Attempts, parser.Parse(await ReadBytesAsync(file, item.Offset, (int)item.Length, cancellation))));
        }

        return records;
    }

    private static Record TooLong(RecordPlace place, int attempts) =>
        new(place, attempts, ParsedItem.Wrong(ItemParser.Line, "too_long", $"It is longer than {MaxRecord / 1024 / 1024} MiB."));

    private static async Task<byte[]> ReadBytesAsync(FileStream file, long offset, int length, CancellationToken cancellation)
    {
        var bytes = new byte[length];
        await ReadBytesAsync(file, offset, bytes, cancellation);
        return bytes;
    }

    private static async Task ReadBytesAsync(FileStream file, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        while (!into.IsEmpty)
        {
            var read = await RandomAccess.ReadAsync(file.SafeFileHandle, into, offset, cancellation);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            into = into[read..];
            offset += read;
        }
    }

    private sealed record Record(RecordPlace Place, int Attempts, ParsedItem Parsed);

    private sealed class Places(int count) : IRecordSink
    {
        public List<RecordPlace> All { get; } = new(count);

        public void Add(RecordPlace record) => All.Add(record);
    }
}
