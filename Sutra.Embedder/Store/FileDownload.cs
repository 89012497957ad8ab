using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Sutra.Embedder.Store;

/// <summary>A file that is wanted, and what must be true of it.</summary>
/// <param name="Sha256">Null where neither the catalog nor the hub names one; then <paramref name="GitId"/> is there.</param>
/// <param name="Pinned">Whether the catalog names the checksum.</param>
internal sealed record WantedFile(string Path, long Size, string? Sha256, string? GitId, bool Pinned);

/// <summary>
/// Fetches one file into <c>name.part</c>, going on where an earlier attempt ended, and gives it its name when size and checksum are
/// right. Nothing beyond the promised size is ever written.
/// </summary>
internal sealed class FileDownload(HubConnection connection, HubOptions options, TimeProvider time)
{
    /// <summary>Wrong bytes are fetched again once: a part may have been damaged on this disk.</summary>
    private const int MostWrong = 2;

    private const int RealProgress = 1 << 18;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <param name="progress">Gets how many bytes of the file are here; may fall when a part proves wrong.</param>
    /// <returns>The SHA-256, 64 hex digits.</returns>
    public async Task<string> FetchAsync(Uri url, WantedFile file, string target, Action<long> progress, CancellationToken cancellation)
    {
        var part = target + ".part";
        RemoveLink(target);
        RemoveLink(part);
        if (File.Exists(target))
        {
            // An earlier run got this far; whether its bytes are right is seen again.
            File.Move(target, part, overwrite: true);
        }

        var (failures, wrong, reached) = (0, 0, -1L);
        while (true)
        {
            try
            {
                var sha256 = await AttemptAsync(url, file, part, progress, cancellation);
                File.Delete(TagPath(part));
                File.Move(part, target);
                return sha256;
            }
            catch (WrongBytesException e)
            {
                File.Delete(part);
                if (++wrong >= MostWrong)
                {
                    throw new ModelStoreException($"{file.Path}: {e.Message}; it was deleted.", e);
                }
            }
            catch (PassingFailureException e)
            {
                var length = File.Exists(part) ? new FileInfo(part).Length : 0;
                // A connection that brings something each time may be lost as often as it likes; one that drips may not.
                failures = reached >= 0 && length - reached >= RealProgress ? 1 : failures + 1;
                reached = Math.Max(reached, length);
                if (failures >= options.Attempts)
                {
                    throw new ModelStoreException($"{e.Message}; gave up after {failures} attempts. What arrived is kept: the same command goes on from there.", e);
                }

                await WaitAsync(e, failures, cancellation);
            }
        }
    }

    /// <summary>Waits before the attempt after <paramref name="failures"/> failed ones.</summary>
    public async Task WaitAsync(PassingFailureException failure, int failures, CancellationToken cancellation)
    {
        if (failure.RetryAfter > options.LongestRetryAfter)
        {
            throw new ModelStoreException($"{failure.Message} and asks to wait {failure.RetryAfter.Value.TotalMinutes:0} minutes; try again then.", failure);
        }

        var delay = TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, options.RetryDelay.Ticks << Math.Min(failures - 1, 10)));
        // Clients that failed together must not come back together.
        delay *= 0.75 + (Random.Shared.NextDouble() / 2);
        await Task.Delay(failure.RetryAfter > delay ? failure.RetryAfter.Value : delay, time, cancellation);
    }

    private static string TagPath(string part) => part + ".etag";

    private static void RemoveLink(string path)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            File.Delete(path);
        }
    }

    private async Task<string> AttemptAsync(Uri url, WantedFile file, string part, Action<long> progress, CancellationToken cancellation)
    {
        await using var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.Asynchronous);
        using var check = new ContentCheck(file);
        if (output.Length > file.Size)
        {
            output.SetLength(0);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            for (int read; (read = await output.ReadAsync(buffer, cancellation)) > 0;)
            {
                check.Append(buffer.AsSpan(0, read));
            }

            progress(output.Length);
            if (output.Length < file.Size)
            {
                await FetchRestAsync(url, file, output, part, check, buffer, progress, cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        OnDisk(() => output.Flush(flushToDisk: true));
        return check.Finish();
    }

    private async Task FetchRestAsync(
        Uri url, WantedFile file, FileStream output, string part, ContentCheck check, byte[] buffer, Action<long> progress, CancellationToken cancellation)
    {
        var from = output.Length;
        using var response = await connection.GetAsync(url, file.Path, from, ReadTag(part), cancellation);
        if (response.Content.Headers.ContentType?.MediaType is "text/html")
        {
            throw new ModelStoreException($"{file.Path}: {url.Host} answered with a web page; is a proxy or a login page in between?");
        }

        if (response.Content.Headers.ContentEncoding.Count > 0)
        {
            throw new WrongBytesException("arrived in an encoding that nobody asked for");
        }

        var range = response.Content.Headers.ContentRange;
        if (response.StatusCode == HttpStatusCode.OK && from > 0)
        {
            // It changed, or the server knows no ranges: from the start.
            output.SetLength(0);
            check.Restart();
            from = 0;
        }
        else if (response.StatusCode == HttpStatusCode.PartialContent && (range?.From != from || (range.Length is { } whole && whole != file.Size)))
        {
            throw new WrongBytesException("arrived as another part than was asked for");
        }

        if (response.Content.Headers.ContentLength is { } length && length != file.Size - from)
        {
            throw new WrongBytesException($"has {length + from} bytes; the hub's list says {file.Size}");
        }

        WriteTag(part, response.Headers.ETag);
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        while (true)
        {
            var read = await connection.ReadAsync(body, buffer, file.Path, cancellation);
            if (read == 0)
            {
                break;
            }

            if (output.Length + read > file.Size)
            {
                throw new WrongBytesException($"goes on after its {file.Size} bytes");
            }

            OnDisk(() => output.Write(buffer, 0, read));
            check.Append(buffer.AsSpan(0, read));
            progress(output.Length);
        }

        if (output.Length < file.Size)
        {
            throw new PassingFailureException($"{file.Path}: the connection ended after {output.Length} of {file.Size} bytes");
        }
    }

    private static EntityTagHeaderValue? ReadTag(string part) =>
        File.Exists(TagPath(part)) && new FileInfo(TagPath(part)).Length < 1024 && EntityTagHeaderValue.TryParse(File.ReadAllText(TagPath(part)), out var tag) ? tag : null;

    private static void WriteTag(string part, EntityTagHeaderValue? tag)
    {
        // Only a strong one says that bytes are the same.
        if (tag is { IsWeak: false })
        {
            File.WriteAllText(TagPath(part), tag.ToString());
        }
        else
        {
            File.Delete(TagPath(part));
        }
    }

    private static void OnDisk(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            throw new ModelStoreException($"The store cannot be written: {e.Message} What arrived is kept.", e);
        }
    }

    /// <summary>Hashes as the bytes come: SHA-256, and git's id where the hub has nothing better.</summary>
    private sealed class ContentCheck : IDisposable
    {
        private readonly WantedFile _file;
        private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly IncrementalHash? _git;

        public ContentCheck(WantedFile file)
        {
            _file = file;
            // Git's own choice of hash; it only tells a broken transfer.
#pragma warning disable CA5350
            _git = file.Sha256 is null && file.GitId is not null ? IncrementalHash.CreateHash(HashAlgorithmName.SHA1) : null;
#pragma warning restore CA5350
            Restart();
        }

        public void Restart()
        {
            _sha256.GetHashAndReset();
            _git?.GetHashAndReset();
            _git?.AppendData(Encoding.ASCII.GetBytes($"blob {_file.Size}\0"));
        }

        public void Append(ReadOnlySpan<byte> bytes)
        {
            _sha256.AppendData(bytes);
            _git?.AppendData(bytes);
        }

        public string Finish()
        {
            var sha256 = Convert.ToHexStringLower(_sha256.GetHashAndReset());
            var right = _file.Sha256 is not null
                ? sha256 == _file.Sha256
                : _git is not null && Convert.ToHexStringLower(_git.GetHashAndReset()) == _file.GitId;
            return right ? sha256 : throw new WrongBytesException("does not have its checksum");
        }

        public void Dispose()
        {
            _sha256.Dispose();
            _git?.Dispose();
        }
    }
}
