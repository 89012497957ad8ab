using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;

namespace Sutra.Tests.Standins.GrpcRuntime;

/// <summary>What the probe service has seen; one per host.</summary>
internal sealed class ProbeState
{
    private int _waiting;
    private int _cancelled;
    private int _sent;
    private int _received;

    /// <summary>Calls that have begun to wait for their cancellation.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public int Cancelled => Volatile.Read(ref _cancelled);

    public int Sent => Volatile.Read(ref _sent);

    public int Received => Volatile.Read(ref _received);

    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void CountWaiting() => Interlocked.Increment(ref _waiting);

    public void CountCancelled() => Interlocked.Increment(ref _cancelled);

    public void CountSent() => Interlocked.Increment(ref _sent);

    public void CountReceived() => Interlocked.Increment(ref _received);
}

internal sealed class ProbeService(ProbeState state) : Probe.ProbeBase, IDisposable
{
    public const string OddDetail = "nicht gut: ä € 𝄞 100% \n";
    private bool _disposed;

    public void Dispose() => _disposed = true;

    public override async Task<ProbeReply> Unary(ProbeRequest request, ServerCallContext context)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        switch (request.Act)
        {
            case "metadata":
                await context.WriteResponseHeadersAsync(new Metadata { { "x-head", "early" }, { "x-head-bin", [0, 1, 255] } });
                foreach (var entry in context.RequestHeaders.Where(header => header.Key.StartsWith("x-in", StringComparison.Ordinal)))
                {
                    var key = entry.Key.Replace("x-in", "x-out", StringComparison.Ordinal);
                    context.ResponseTrailers.Add(entry.IsBinary ? new Metadata.Entry(key, entry.ValueBytes) : new Metadata.Entry(key, entry.Value));
                }

                break;
            case "fail":
                throw new RpcException(
                    new Status(StatusCode.InvalidArgument, OddDetail),
                    new Metadata { { "x-why", "because" }, { "grpc-status-details-bin", [8, 3, 18, 3, 98, 97, 100] } });
            case "status":
                context.Status = new Status(StatusCode.DataLoss, "half of it");
                context.ResponseTrailers.Add("x-why", "status");
                break;
            case "crash":
                throw new InvalidOperationException("a secret");
            case "null":
                return null!;
            case "wait":
                await WaitForCancellationAsync(context);
                break;
            case "ignore-deadline":
                await state.Released.Task;
                break;
            case "cancelled":
                return new ProbeReply { Number = state.Cancelled };
            case "waiting":
                return new ProbeReply { Number = state.Waiting };
            case "deadline":
                return new ProbeReply
                {
                    Number = context.Deadline == DateTime.MaxValue ? -1 : (long)(context.Deadline - DateTime.UtcNow).TotalMilliseconds,
                };
            case "context":
                return new ProbeReply { Text = $"{context.Method} {context.Host} {context.Peer} {context.GetHttpContext().Request.Protocol}" };
            case "compress":
                await context.WriteResponseHeadersAsync(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
                break;
        }

        return new ProbeReply { Text = request.Text, Number = request.Count, Payload = Payload(request) };
    }

    public override async Task<ProbeReply> Collect(IAsyncStreamReader<ProbeRequest> requestStream, ServerCallContext context)
    {
        var reply = new ProbeReply();
        while (await requestStream.MoveNext())
        {
            var request = requestStream.Current;
            state.CountReceived();
            switch (request.Act)
            {
                case "hold":
                    await state.Released.Task;
                    break;
                case "fail":
                    throw new RpcException(new Status(StatusCode.ResourceExhausted, "enough"), new Metadata { { "x-why", "full" } });
                case "wait":
                    await WaitForCancellationAsync(context);
                    break;
            }

            reply.Number += request.Count;
            reply.Text += request.Text;
        }

        return reply;
    }

    public override async Task Expand(ProbeRequest request, IServerStreamWriter<ProbeReply> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Count; i++)
        {
            await responseStream.WriteAsync(new ProbeReply { Number = i, Text = request.Text, Payload = Payload(request) });
            state.CountSent();
        }

        switch (request.Act)
        {
            case "fail":
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "no more"), new Metadata { { "x-why", "dry" } });
            case "wait":
                await WaitForCancellationAsync(context);
                break;
        }
    }

    public override async Task Chat(
        IAsyncStreamReader<ProbeRequest> requestStream, IServerStreamWriter<ProbeReply> responseStream, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync(new Metadata { { "x-head", "chat" } });
        while (await requestStream.MoveNext())
        {
            var request = requestStream.Current;
            switch (request.Act)
            {
                case "fail":
                    throw new RpcException(new Status(StatusCode.Aborted, "hung up"), new Metadata { { "x-why", "rude" } });
                case "wait":
                    await responseStream.WriteAsync(new ProbeReply { Text = "waiting" });
                    await WaitForCancellationAsync(context);
                    break;
            }

            await responseStream.WriteAsync(new ProbeReply { Text = request.Text, Number = request.Count, Payload = Payload(request) });
        }
    }

    private static ByteString Payload(ProbeRequest request) =>
        request.Size == 0 ? request.Payload : ByteString.CopyFrom(new byte[request.Size]);

    private async Task WaitForCancellationAsync(ServerCallContext context)
    {
        state.CountWaiting();
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            state.CountCancelled();
        }
    }
}

[Authorize]
internal sealed class LockedService : Locked.LockedBase
{
    public override Task<ProbeReply> Secret(ProbeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProbeReply { Text = context.GetHttpContext().User.Identity?.Name ?? "" });

    [Authorize(Roles = "admin")]
    public override Task<ProbeReply> AdminOnly(ProbeRequest request, ServerCallContext context) => Secret(request, context);

    [AllowAnonymous]
    public override Task<ProbeReply> Open(ProbeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProbeReply { Text = "open" });
}
