using System.Text;
using Sutra.Storage.Files;
using Sutra.Storage.Log;
using Sutra.Tests.Storage.Telemetry;

namespace Sutra.Tests.Storage.Log;

/// <summary>Keeps what a log replays and applies.</summary>
internal sealed class Recorder : ILogFollower
{
    public List<(RecordType Type, ulong Sequence, byte[] Payload)> Replayed { get; } = [];

    public List<ulong> Applied { get; } = [];

    public IEnumerable<string> Texts => Replayed.Where(record => record.Type == RecordType.Learn).Select(record => Encoding.UTF8.GetString(record.Payload));

    public void Replay(RecordType type, ulong sequence, ReadOnlySpan<byte> payload) => Replayed.Add((type, sequence, payload.ToArray()));

    public void GroupApplied(ulong sequence) => Applied.Add(sequence);
}

internal sealed class TextRecord(string text) : PendingRecord
{
    private readonly TaskCompletionSource<ulong> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _sequence;
    private volatile bool _taken;

    /// <summary>The writer has begun with the group that this record is in.</summary>
    public bool Taken => _taken;

    public Task<ulong> Done => _done.Task;

    public bool Skip { get; init; }

    public Action? OnPrepare { get; init; }

    public Action? OnApply { get; init; }

    public override RecordType Type => RecordType.Learn;

    public override ReadOnlyMemory<byte> Payload { get; } = Encoding.UTF8.GetBytes(text);

    public override bool Prepare()
    {
        _taken = true;
        OnPrepare?.Invoke();
        return !Skip;
    }

    public override void Apply(ulong sequence)
    {
        OnApply?.Invoke();
        _sequence = sequence;
    }

    public override void Complete() => _done.SetResult(_sequence);

    public override void Fail(Exception failure) => _done.SetException(failure);
}

internal static class LogHarness
{
    public const string Folder = "/data/log";

    public static WriteAheadLog Open(IFileSystem disk, Recorder recorder, LogOptions? options = null) =>
        WriteAheadLog.Open(disk, Folder, recorder, options ?? new LogOptions(), SharedTelemetry.Instance);

    public static async Task<ulong> WriteAsync(this WriteAheadLog log, string text)
    {
        var record = new TextRecord(text);
        await log.EnqueueAsync(record, CancellationToken.None);
        return await record.Done;
    }

    /// <summary>The texts that a start on this disk finds.</summary>
    public static List<string> TextsOn(IFileSystem disk)
    {
        var recorder = new Recorder();
        using var log = Open(disk, recorder);
        return [.. recorder.Texts];
    }
}
