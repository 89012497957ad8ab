using System.IO.Pipelines;
using Microsoft.Extensions.Options;
using Sutra.Api.Errors;
using Sutra.Api.Ingestion.Jobs;

namespace Sutra.Api.Ingestion.Uploads;

/// <summary>What arrived: on disk, cut into ranges, its file still locked. Dispose it when its job is on record, or to take it back.</summary>
internal sealed class ReceivedUpload(Spool spool, string jobId, FileStream file) : IAsyncDisposable
{
    private bool _taken;

    public long Bytes { get; set; }

    public int HeaderBytes { get; set; }

    public long Items { get; set; }

    public IReadOnlyList<JobRange> Ranges { get; set; } = [];

    /// <summary>SHA-256 of all of it.</summary>
    public string Hash { get; set; } = "";

    /// <summary>It belongs to a job now, which may be worked on.</summary>
    public async Task TakeAsync()
    {
        _taken = true;
        await file.DisposeAsync();
    }

    /// <summary>A CSV's first record.</summary>
    public byte[] ReadHeader()
    {
        var header = new byte[HeaderBytes];
        RandomAccess.Read(file.SafeFileHandle, header, 0);
        return header;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_taken)
        {
            spool.Remove(jobId);
        }

        await file.DisposeAsync();
    }
}

/// <summary>Writes an upload to the spool while it comes in, and finds its records on the way; a buffer of it is in memory at a time.</summary>
internal sealed class UploadReceiver(Spool spool, IOptions<IngestionOptions> options)
{
    public const int MaxHeader = 64 * 1024;

    // How much is written before the disk is asked to begin: a gigabyte in one flush would stall everybody else's.
    private const long FlushEvery = 64 << 20;

    /// <exception cref="ApiProblem">400 or 413: it is not of that format, has no records, or is too large.</exception>
    public async Task<ReceivedUpload> ReceiveAsync(string jobId, JobFormat format, PipeReader body, CancellationToken cancellation)
    {
        var file = spool.Create(jobId);
        var upload = new ReceivedUpload(spool, jobId, file);
        try
        {
            await CopyAsync(upload, file, format, body, cancellation);
            return upload;
        }
        catch (UploadException e)
        {
            await upload.DisposeAsync();
            throw new ApiProblem(StatusCodes.Status400BadRequest, ProblemCodes.InvalidJson, e.Message);
        }
        catch
        {
            await upload.DisposeAsync();
            throw;
        }
    }

    private async Task CopyAsync(ReceivedUpload upload, FileStream file, JobFormat format, PipeReader body, CancellationToken cancellation)
    {
        var splitter = RecordSplitter.Of(format, range: null);
        var ranges = new RangeBuilder(options.Value.RangeItems, options.Value.RangeBytes, format == JobFormat.Csv ? 1 : 0);
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        var flushed = 0L;
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            foreach (var piece in read.Buffer)
            {
                upload.Bytes += piece.Length;
                if (upload.Bytes > options.Value.MaxUploadBytes)
                {
                    throw TooLarge();
                }

                splitter.Push(piece.Span, ranges);
                hash.AppendData(piece.Span);
                await file.WriteAsync(piece, cancellation);
            }

            body.AdvanceTo(read.Buffer.End);
            if (upload.Bytes - flushed > FlushEvery)
            {
                flushed = upload.Bytes;
                await Task.Run(() => file.Flush(flushToDisk: true), cancellation);
            }

            if (read.IsCompleted)
            {
                break;
            }
        }

        splitter.End(ranges);
        upload.Ranges = ranges.Build();
        upload.Items = ranges.Items;
        upload.Hash = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (upload.Items == 0)
        {
            throw ApiProblem.Invalid("body", "There is nothing to learn in it.");
        }

        upload.HeaderBytes = ranges.Skipped is { } header ? checked((int)Math.Min(header.Offset + header.Length, MaxHeader + 1)) : 0;
        if (upload.HeaderBytes > MaxHeader)
        {
            throw ApiProblem.Invalid("body", "The first line, which names the columns, is longer than 64 KiB.");
        }

        await Task.Run(() => file.Flush(flushToDisk: true), cancellation);
        FolderFlush.Flush(spool.Folder);
    }

    public ApiProblem TooLarge() => new(
        StatusCodes.Status413PayloadTooLarge,
        ProblemCodes.BodyTooLarge,
        $"The upload is larger than {options.Value.MaxUploadBytes} bytes.");
}
