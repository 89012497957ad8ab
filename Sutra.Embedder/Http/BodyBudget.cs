using Microsoft.Extensions.Options;

namespace Sutra.Embedder.Http;

/// <summary>
/// Bytes of bodies under way, over all requests and calls. The queue bounds texts, but only once they are read: what is read at a time
/// needs a bound of its own.
/// </summary>
internal sealed class BodyBudget(IOptions<DoorOptions> options)
{
    private const int RetrySeconds = 1;

    private long _underWay;

    public long UnderWay => Interlocked.Read(ref _underWay);

    /// <summary>The request's body; what is read of it counts until the request has been answered.</summary>
    public Stream Count(HttpContext context)
    {
        var body = new CountedStream(context.Request.Body, this);
        context.Response.RegisterForDispose(body);
        return body;
    }

    /// <summary>Counts a message that was read, until it has been answered and this is disposed.</summary>
    /// <exception cref="RefusalException">Too much is under way.</exception>
    public IDisposable Hold(long bytes)
    {
        Take(bytes);
        return new Share(this, bytes);
    }

    /// <exception cref="RefusalException">Too much is under way; these do not count.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _underWay, bytes) > options.Value.MaxBodyBytesUnderWay)
        {
            Give(bytes);
            throw new RefusalException(
                StatusCodes.Status429TooManyRequests, "The bodies under way are too large together; try again.", code: "overloaded") { RetryAfterSeconds = RetrySeconds };
        }
    }

    public void Give(long bytes) => Interlocked.Add(ref _underWay, -bytes);

    private sealed class Share(BodyBudget budget, long bytes) : IDisposable
    {
        private long _bytes = bytes;

        public void Dispose() => budget.Give(Interlocked.Exchange(ref _bytes, 0));
    }

    private sealed class CountedStream(Stream body, BodyBudget budget) : Stream
    {
        private long _taken;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            budget.Take(read);
            _taken += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            budget.Give(Interlocked.Exchange(ref _taken, 0));
            base.Dispose(disposing);
        }
    }
}
