using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Sutra.Contracts.Identity;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Gateway;

namespace Sutra.Tests.Embedder.Http;

/// <summary>Every request here gets a 4xx that says what is wrong, none a 500, and the embedder serves on.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class HostileBodyTests
{
    private static DoorsUnderTest s_doors = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => s_doors = await DoorsUnderTest.StartAsync(("Embedder__BodyGrace", "00:00:02"));

    [ClassCleanup]
    public static async Task StopAsync() => await s_doors.DisposeAsync();

    [TestMethod]
    public void There_are_enough_of_them() => Assert.IsGreaterThanOrEqualTo(60, HostileBodies.All.Count());

    /// <summary>One test for all, so that the log is read when all of them have been there; every failure is told.</summary>
    [TestMethod]
    public async Task Each_is_refused_with_a_reason_that_repeats_nothing()
    {
        var failures = new List<string>();
        foreach (var hostile in HostileBodies.All)
        {
            try
            {
                await CheckAsync(hostile);
                await AssertServesAsync();
            }
            catch (Exception e) when (e is AssertFailedException or HttpRequestException or TaskCanceledException)
            {
                failures.Add($"{hostile}: {e.Message}");
            }
        }

        Assert.IsEmpty(failures, string.Join("\n\n", failures));
        Assert.DoesNotContain(HostileBodies.Marker, s_doors.Embedder.Process.Output);
        Assert.DoesNotContain("A request failed", s_doors.Embedder.Process.Output);
    }

    [TestMethod]
    [DataRow("/v1/embeddings")]
    [DataRow("/v1/embeddings/batch")]
    [DataRow("/embed")]
    [DataRow("/embed_all")]
    [DataRow("/tokenize")]
    [DataRow("/decode")]
    [DataRow("/similarity")]
    public async Task Fifty_megabytes_are_a_413(string route)
    {
        using var content = new ByteArrayContent(new byte[50_000_000]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await s_doors.Http.PostAsync(route, content);
        var error = await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge);
        Assert.AreEqual("request_too_large", error.Code);
        StringAssert.Contains(error.Message, "16777216");
        await AssertServesAsync();
    }

    [TestMethod]
    [DataRow("half of a chunk", "Transfer-Encoding: chunked", "ff\r\n{\"model\": \"zqprivatezq", 400)]
    [DataRow("no last chunk", "Transfer-Encoding: chunked", "3\r\n{\"x\r\n", 400)]
    [DataRow("a chunk of absurd size", "Transfer-Encoding: chunked", "ffffffffffffffff\r\n{", 400)]
    [DataRow("a chunk without a size", "Transfer-Encoding: chunked", "zqprivatezq\r\n{}", 400)]
    [DataRow("less than it says", "Content-Length: 500", "{\"model\": \"zqprivatezq", 400)]
    [DataRow("a negative length", "Content-Length: -5", "{}", 400)]
    [DataRow("an absurd length", "Content-Length: 99999999999999999999999", "{}", 400)]
    [DataRow("a length that is a word", "Content-Length: zqprivatezq", "{}", 400)]
    [DataRow("two lengths", "Content-Length: 5\r\nContent-Length: 7", "{\"a\":1}", 400)]
    [DataRow("a length far above the limit", "Content-Length: 99999999999", "{", 413)]
    [DataRow("an unknown transfer coding", "Transfer-Encoding: zqprivatezq", "{}", 400)]
    [DataRow("a header without a name", ": zqprivatezq\r\nContent-Length: 2", "{}", 400)]
    [DataRow("an expectation that nobody knows", "Expect: zqprivatezq\r\nContent-Length: 2", "{}", 400)]
    public async Task A_request_that_is_no_HTTP_or_breaks_off_is_refused(string name, string headers, string body, int status)
    {
        foreach (var route in new[] { "/v1/embeddings", "/embed", "/v1/embeddings/batch" })
        {
            var answer = await SendAndHangUpAsync(
                $"POST {route} HTTP/1.1\r\nHost: x\r\n{InternalToken.Header}: {EmbedderProcess.Token(Permissions.Read)}\r\nContent-Type: application/json\r\n{headers}\r\n\r\n{body}");

            // A server may hang up on a caller who has hung up.
            Assert.IsTrue(answer.Length == 0 || RawHttp.StatusOf(answer) == status, $"{name} on {route}: {answer}");
            Assert.DoesNotContain(HostileBodies.Marker, answer);
            await AssertServesAsync();
        }

        Assert.DoesNotContain(HostileBodies.Marker, s_doors.Embedder.Process.Output);
    }

    [TestMethod]
    [DataRow("too many headers")]
    [DataRow("a header that is too long")]
    [DataRow("an address that is too long")]
    [DataRow("an identity of 20000 characters")]
    public async Task Absurd_heads_are_refused(string name)
    {
        var (target, headers) = name switch
        {
            "too many headers" => ("/embed", string.Concat(Enumerable.Range(0, 500).Select(i => $"x-{i}: 1\r\n"))),
            "a header that is too long" => ("/embed", $"x-long: {new string('x', 100_000)}\r\n"),
            "an address that is too long" => ($"/embed?{new string('x', 20_000)}", ""),
            _ => ("/embed", $"{InternalToken.Header}: {new string('x', 20_000)}\r\n"),
        };
        var answer = await RawHttp.SendAsync(s_doors.Embedder.Http, $"POST {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: 0\r\n\r\n", TimeSpan.FromSeconds(5));
        Assert.IsTrue(RawHttp.StatusOf(answer) is >= 400 and < 500, answer);
        await AssertServesAsync();
    }

    [TestMethod]
    [DataRow("/v1/embeddings")]
    [DataRow("/embed")]
    public async Task A_sender_who_is_slow_on_purpose_is_given_up(string route)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(s_doors.Embedder.Http.Host, s_doors.Embedder.Http.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(
            $"POST {route} HTTP/1.1\r\nHost: x\r\n{InternalToken.Header}: {EmbedderProcess.Token(Permissions.Read)}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var dripping = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await stream.WriteAsync(" "u8.ToArray(), limit.Token);
                    await Task.Delay(200, limit.Token);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // Hung up on.
            }
        });
        var answer = new byte[4096];
        var read = await stream.ReadAsync(answer, limit.Token);
        var text = Encoding.Latin1.GetString(answer, 0, read);
        Assert.AreEqual(408, RawHttp.StatusOf(text), text);
        await limit.CancelAsync();
        await dripping;
        await AssertServesAsync();
    }

    private static async Task CheckAsync(HostileBody hostile)
    {
        using var content = new ByteArrayContent(hostile.Body);
        content.Headers.TryAddWithoutValidation("Content-Type", hostile.Type);
        if (hostile.Encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", hostile.Encoding);
        }

        using var response = await s_doors.Http.PostAsync(hostile.Route, content);
        var body = await response.Content.ReadAsStringAsync();
        var error = await response.ErrorAsync((HttpStatusCode)hostile.Status);
        Assert.AreEqual(hostile.Parameter, error.Parameter, body);
        StringAssert.Contains(error.Message, hostile.Says);
        Assert.DoesNotContain(HostileBodies.Marker, body);
    }

    private static async Task AssertServesAsync()
    {
        var answer = await s_doors.Http.CallAsync("/v1/embeddings", """{"model": "tiny-bert", "input": "the cat"}""");
        Assert.AreEqual(4, (int)answer["usage"]!["total_tokens"]!);
    }

    /// <summary>Sends, closes its own direction, and reads what comes.</summary>
    private static async Task<string> SendAndHangUpAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(s_doors.Embedder.Http.Host, s_doors.Embedder.Http.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        client.Client.Shutdown(SocketShutdown.Send);
        using var answer = new MemoryStream();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // What came until then is the answer.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
