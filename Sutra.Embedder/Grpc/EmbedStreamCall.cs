using System.Threading.Channels;
using Grpc.Core;
using Sutra.Contracts.Embedding.V1;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Grpc;

/// <summary>One <c>EmbedStream</c> on its way. Answers leave as they are done.</summary>
internal sealed class EmbedStreamCall : IDisposable
{
    /// <summary>
    /// Room of a stream: so many texts, or so many times <see cref="UnitBytes"/>, are under way or wait to be taken. The next message is
    /// read when there is room, so a client that is faster than the embedder, or slow to read, is held back by HTTP/2's own flow control.
    /// </summary>
    private const int Room = 64;

    private const int UnitBytes = 64 << 10;

    private readonly EmbeddingPipeline _pipeline;
    private readonly BodyBudget _budget;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _ended;
    private readonly CancellationTokenSource _reading;
    private readonly SemaphoreSlim _room = new(Room);
    private readonly Channel<Answer> _answers = Channel.CreateBounded<Answer>(Room);
    private Exception? _failure;

    /// <param name="pipeline">Embeds.</param>
    /// <param name="budget">What is under way counts there.</param>
    /// <param name="called">The caller gave up.</param>
    /// <param name="stopping">The embedder stops: a stream that its client leaves open would hold that up, so no more is read of it then.</param>
    public EmbedStreamCall(EmbeddingPipeline pipeline, BodyBudget budget, CancellationToken called, CancellationToken stopping)
    {
        _pipeline = pipeline;
        _budget = budget;
        _stopping = stopping;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(called);
        _reading = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, stopping);
    }

    /// <exception cref="RpcException">The stream ended before its client ended it.</exception>
    public async Task RunAsync(IAsyncStreamReader<EmbedStreamRequest> requests, IServerStreamWriter<EmbedStreamResponse> responses)
    {
        var writing = WriteAllAsync(responses);
        RpcException? end = null;
        try
        {
            await ReadAllAsync(requests);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested && !_ended.IsCancellationRequested)
        {
            // What was read is still answered, here and below.
            end = GrpcErrors.Of(StatusCode.Unavailable, "The embedder stops.");
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
        {
            end = e;
        }
        catch (Exception e)
        {
            await GiveUpAsync(e);
        }

        // All room back: every text answered, or given up.
        for (var i = 0; i < Room; i++)
        {
            await _room.WaitAsync(CancellationToken.None);
        }

        _answers.Writer.Complete();
        await writing;
        if (_ended.IsCancellationRequested)
        {
            throw _stopping.IsCancellationRequested ? GrpcErrors.Of(StatusCode.Unavailable, "The embedder stops.")
                : _failure is null or OperationCanceledException
                ? GrpcErrors.Of(StatusCode.Cancelled, "The call was cancelled.")
                : GrpcErrors.Of(StatusCode.Internal, "The stream failed.");
        }

        if (end is not null)
        {
            throw end;
        }
    }

    public void Dispose()
    {
        _reading.Dispose();
        _ended.Dispose();
        _room.Dispose();
    }

    private async Task ReadAllAsync(IAsyncStreamReader<EmbedStreamRequest> requests)
    {
        while (true)
        {
            await _room.WaitAsync(_reading.Token);
            var units = 1;
            IDisposable? share = null;
            try
            {
                if (!await requests.MoveNext(_reading.Token))
                {
                    return;
                }

                var bytes = requests.Current.CalculateSize();
                share = Hold(bytes);
                for (var all = Math.Min(Room, 1 + (bytes / UnitBytes)); units < all; units++)
                {
                    await _room.WaitAsync(_ended.Token);
                }

                _ = AnswerAsync(requests.Current, units, share);
                (units, share) = (0, null);
            }
            finally
            {
                // Also when the caller goes away between two texts, or the last room would be waited for above for ever.
                share?.Dispose();
                if (units > 0)
                {
                    _room.Release(units);
                }
            }
        }
    }

    private IDisposable Hold(int bytes)
    {
        try
        {
            return _budget.Hold(bytes);
        }
        catch (RefusalException e)
        {
            throw GrpcErrors.For(e);
        }
    }

    // What is under way for a caller who is gone leaves the queue.
    private async Task GiveUpAsync(Exception reason)
    {
        _failure ??= reason;
        await _ended.CancelAsync();
    }

    private async Task AnswerAsync(EmbedStreamRequest request, int units, IDisposable share)
    {
        try
        {
            // There is room for each answer, so the channel always has some.
            await _answers.Writer.WriteAsync(new Answer(await EmbedAsync(request), units, share), CancellationToken.None);
        }
        catch (Exception e)
        {
            await GiveUpAsync(e);
            share.Dispose();
            _room.Release(units);
        }
    }

    private async Task WriteAllAsync(IServerStreamWriter<EmbedStreamResponse> responses)
    {
        await foreach (var answer in _answers.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                if (!_ended.IsCancellationRequested)
                {
                    await responses.WriteAsync(answer.Response, _ended.Token);
                }
            }
            catch (Exception e)
            {
                await GiveUpAsync(e);
            }
            finally
            {
                answer.Share.Dispose();
                _room.Release(answer.Units);
            }
        }
    }

    private async Task<EmbedStreamResponse> EmbedAsync(EmbedStreamRequest request)
    {
        var response = new EmbedStreamResponse { Id = request.Id };
        try
        {
            var call = request.Options.ToCall(request.Model);
            call = call with { Texts = [request.Text], Lane = call.Lane ?? Lane.Bulk, IsPatient = true };
            var item = (await GrpcErrors.CallAsync(() => _pipeline.EmbedAsync(call, _ended.Token))).Items[0];
            if (item.IsEmbedded)
            {
                response.Embedding = GrpcMessages.ToMessage(item);
            }
            else
            {
                response.Error = $"The text {item.Failure.Reason()}";
            }
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            response.Error = e.Status.Detail;
        }

        return response;
    }

    private readonly record struct Answer(EmbedStreamResponse Response, int Units, IDisposable Share);
}
