using System.Buffers;
using System.IO.Pipelines;
using Sutra.Embedder.Http;

namespace Sutra.Embedder.Grpc;

/// <summary>
/// A call's body, of which what has come and is no message yet counts as under way: without it a caller could have as many
/// half messages in memory as it opens calls. A whole message counts where it is handled.
/// </summary>
internal sealed class CountedPipeReader(PipeReader body, BodyBudget budget) : PipeReader, IDisposable
{
    private ReadOnlySequence<byte> _buffer;
    private long _counted;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = body.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Count(read.Result)) : CountAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        var read = body.TryRead(out result);
        if (read)
        {
            Count(result);
        }

        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var left = _buffer.Slice(consumed).Length;
        _buffer = default;
        body.AdvanceTo(consumed, examined);
        Recount(left);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        body.Complete(exception);
        Dispose();
    }

    /// <summary>Nothing of it counts any more.</summary>
    public void Dispose() => Recount(0);

    private async ValueTask<ReadResult> CountAsync(ValueTask<ReadResult> read) => Count(await read);

    private ReadResult Count(ReadResult result)
    {
        try
        {
            Recount(result.Buffer.Length);
            _buffer = result.Buffer;
            return result;
        }
        catch (RefusalException e)
        {
            // Whoever reads gets no buffer, and so gives none back.
            body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            throw GrpcErrors.For(e);
        }
    }

    private void Recount(long bytes)
    {
        if (bytes > _counted)
        {
            budget.Take(bytes - _counted);
        }
        else
        {
            budget.Give(_counted - bytes);
        }

        _counted = bytes;
    }
}
