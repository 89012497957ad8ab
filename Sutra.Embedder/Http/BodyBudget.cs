using Microsoft.Extensions.Options;

namespace Sutra.Embedder.Http;

/// <summary>
/// Bytes of bodies under way, over all requests. The queue bounds texts, but only once they are read: what is read at a time needs a
/// bound of its own.
/// </summary>
internal sealed class BodyBudget(IOptions<DoorOptions> options)
{
    private const int RetrySeconds = 1;

    private long _underWay;

    /// <summary>The request's body; what is read of it counts until the request has been answered.</summary>
    public Stream Count(HttpContext context)
    {
        var body = new CountedStream(context.Request.Body, this);
        context.Response.RegisterForDispose(body);
        return body;
    }

    private void Take(int bytes)
    {
        if (Interlocked.Add(ref _underWay, bytes) > options.Value.MaxBodyBytesUnderWay)
        {
            throw new RefusalException(
                StatusCodes.Status429TooManyRequests, "The bodies under way are too large together; try again.", code: "overloaded") { RetryAfterSeconds = RetrySeconds };
        }
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
            _taken += read;
            budget.Take(read);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            Interlocked.Add(ref budget._underWay, -Interlocked.Exchange(ref _taken, 0));
            base.Dispose(disposing);
        }
    }
}
