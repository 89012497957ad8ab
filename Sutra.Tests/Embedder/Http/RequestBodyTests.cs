using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Http;

namespace Sutra.Tests.Embedder.Http;

[TestClass]
public sealed class RequestBodyTests
{
    [TestMethod]
    public async Task Bodies_under_way_are_bounded_together_until_their_requests_are_answered()
    {
        var budget = new BodyBudget(Options.Create(new DoorOptions { MaxBodyBytesUnderWay = 1000 }));
        var first = budget.Count(Request(600));
        await first.CopyToAsync(Stream.Null);
        using var second = budget.Count(Request(600));
        var refusal = await Assert.ThrowsExactlyAsync<RefusalException>(() => second.CopyToAsync(Stream.Null));
        Assert.AreEqual(StatusCodes.Status429TooManyRequests, refusal.Status);
        Assert.IsNotNull(refusal.RetryAfterSeconds);
        await second.DisposeAsync();

        await first.DisposeAsync();
        await first.DisposeAsync();
        using var third = budget.Count(Request(1000));
        await third.CopyToAsync(Stream.Null);
    }

    [TestMethod]
    public void A_request_that_a_worker_comes_to_goes_on_in_a_pool_thread()
    {
        var seen = new TaskCompletionSource<bool>();
        var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        app.UseErrorShapes();
        app.Run(_ =>
        {
            seen.SetResult(Thread.CurrentThread.IsThreadPoolThread);
            return Task.CompletedTask;
        });
        var pipeline = app.Build();
        var worker = new Thread(() => _ = pipeline(new DefaultHttpContext { RequestServices = services }));
        worker.Start();
        worker.Join();
        Assert.IsTrue(seen.Task.Wait(TimeSpan.FromSeconds(10)) && seen.Task.Result);
    }

    private static DefaultHttpContext Request(int bytes) => new() { Request = { Body = new MemoryStream(new byte[bytes]) } };
}
