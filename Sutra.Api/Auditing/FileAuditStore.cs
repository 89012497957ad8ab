using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Options;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Api.Auditing;

/// <summary>
/// The trail as an append-only file, one JSON object a line, each carrying a keyed hash over itself and its predecessor: a
/// line that was changed, removed or put elsewhere breaks the chain, which is verified at start. One fsync per group.
/// What a chain alone cannot show is that whole lines are missing at the very end; where that matters, use PostgreSQL.
/// </summary>
internal sealed class FileAuditStore(IOptions<AuditOptions> options) : IAuditStore
{
    private readonly string _path = Path.GetFullPath(options.Value.FilePath!);
    private readonly AuditChain _chain = new(options.Value.HashKey);

    private FileStream? _lock;
    private FileStream? _file;

    // Up to here the file is verified, or written and synced by us; null before the first opening.
    private long? _length;

    public string Description => $"hash-chained file {_path} (ConnectionStrings:audit is not set)";

    public TimeSpan OpenLimit => Timeout.InfiniteTimeSpan;

    public string Explain(Exception error) => error is IOException or UnauthorizedAccessException ? error.Message : error.GetType().Name;

    public async Task OpenAsync(CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            // A file of its own, so that the trail itself can be read while we write it.
            _lock ??= new FileStream($"{_path}.lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            if (_file is not null)
            {
                await _file.DisposeAsync();
            }

            var file = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
            if (!OperatingSystem.IsWindows())
            {
                file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            _file = new FileStream(_path, file);
        }
        catch (Exception e) when (_length is null && e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Audit:FilePath cannot be used: {e.Message}", e);
        }

        _length ??= await FollowAsync(_file, cancellation);
        if (_file.Length < _length)
        {
            throw new StartupException($"The audit trail {_path} was cut short while it was in use.");
        }

        // Behind it is at most what a crash or a failed write left half done, which nobody was told is committed.
        _file.SetLength(_length.Value);
        _chain.Rewind();
    }

    public Task AppendAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellation) => Task.Run(() =>
    {
        var file = _file ?? throw new InvalidOperationException("The store is not open.");
        var lines = new ArrayBufferWriter<byte>(records.Count * 512);
        foreach (var record in records)
        {
            _chain.Append(record, lines);
        }

        file.Position = _length!.Value;
        file.Write(lines.WrittenSpan);
        file.Flush(flushToDisk: true);
        _length = file.Position;
        _chain.Keep();
    }, CancellationToken.None);

    public Task PingAsync(CancellationToken cancellation) =>
        File.Exists(_path) ? Task.CompletedTask : throw new FileNotFoundException("The audit file is gone.");

    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }

        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
    }

    /// <summary>Verifies every line.</summary>
    /// <returns>Where the last whole line ends.</returns>
    private async Task<long> FollowAsync(FileStream file, CancellationToken cancellation)
    {
        var end = 0L;
        var reader = PipeReader.Create(file, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        while (true)
        {
            var result = await reader.ReadAsync(cancellation);
            var buffer = result.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } lineEnd)
            {
                var line = buffer.Slice(0, lineEnd);
                if (!_chain.TryFollow(line.IsSingleSegment ? line.FirstSpan : line.ToArray()))
                {
                    throw new StartupException(
                        $"The audit trail {_path} is broken at line {_chain.Count + 1}: it was changed after it was written, or Audit:HashKey is another one.");
                }

                end += line.Length + 1;
                buffer = buffer.Slice(buffer.GetPosition(1, lineEnd));
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                await reader.CompleteAsync();
                _chain.Keep();
                return end;
            }
        }
    }
}
