using Microsoft.AspNetCore.Http;
using Spectre.Console;
using Sutra.Cli.Demo;
using Sutra.Contracts.Api;
using Sutra.Examples.Finance;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Cli.Demo;

[TestClass]
public sealed class DemoTests
{
    // Whole data for the questions, few rows for the speed.
    private static readonly OhlcvRow[] Rows =
        [.. OhlcvCsv.ReadExample().Where((_, i) => i % 10 == 0).Union(ExampleQuestion.For(OhlcvCsv.ReadExample()).Select(q => q.Source))];

    [TestMethod]
    public async Task The_demo_learns_every_row_and_shows_answers_evidence_and_timing()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = RightAnswer;

        var output = await RunAsync(gateway);

        Assert.AreEqual(Rows.Length, gateway.Learnt.Count);
        Assert.AreEqual("daily_ohlcv", gateway.Learnt.Values.First().Metadata!["data_type"]);
        Assert.AreEqual(3, gateway.Asked.Count);
        StringAssert.Contains(output, $"{Rows.Length} rows learnt in");
        StringAssert.Contains(output, "rows/s");
        StringAssert.Contains(output, "p95");
        foreach (var question in ExampleQuestion.For(Rows))
        {
            StringAssert.Contains(output, question.Text);
            StringAssert.Contains(output, $"✓ {question.ExpectedValue}");
        }

        StringAssert.Contains(output, "0.876");
        StringAssert.Contains(output, "confidence 75");
        StringAssert.Contains(output, "embed 1.5");
    }

    [TestMethod]
    public async Task At_most_eight_learns_are_under_way_at_once()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = RightAnswer;

        await RunAsync(gateway);

        Assert.IsTrue(gateway.MostConcurrentLearns is > 1 and <= 8, $"{gateway.MostConcurrentLearns} at once");
    }

    [TestMethod]
    public async Task Running_it_again_works_the_same()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = RightAnswer;

        await RunAsync(gateway);
        await RunAsync(gateway);

        Assert.AreEqual(Rows.Length, gateway.Learnt.Count);
    }

    [TestMethod]
    public async Task Too_many_requests_are_waited_out_and_no_row_is_lost()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = RightAnswer;
        var refused = 0;
        gateway.Refuse = seen =>
        {
            if (seen is < 20 or > 24)
            {
                return null;
            }

            Interlocked.Increment(ref refused);
            return new RetryAfterOneSecond();
        };

        var started = TimeProvider.System.GetTimestamp();
        await RunAsync(gateway);

        Assert.AreEqual(5, refused);
        Assert.AreEqual(Rows.Length, gateway.Learnt.Count);
        Assert.IsTrue(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(0.9), "Retry-After was not honoured");
    }

    [TestMethod]
    public async Task A_wrong_answer_fails_with_the_value_that_was_expected()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = request => request.Query!.Contains("highest") ? Json(new QueryResponse("It was 1.00 USD.", 0.2, [], null, new QueryTiming(1, 1, 1, 3))) : RightAnswer(request);

        var error = await Assert.ThrowsExactlyAsync<DemoException>(() => RunAsync(gateway));

        StringAssert.Contains(error.Message, "1 of 3 answers lack");
        StringAssert.Contains(error.Message, ExampleQuestion.For(Rows)[1].ExpectedValue);
    }

    [TestMethod]
    public async Task No_answer_shows_the_reason_and_fails()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = _ => Json(new QueryResponse(null, 0, [], "nothing is known about that", new QueryTiming(1, 1, 1, 3)));
        var output = new StringWriter();

        await Assert.ThrowsExactlyAsync<DemoException>(() => RunAsync(gateway, output));

        StringAssert.Contains(output.ToString(), "no answer: nothing is known about that");
    }

    [TestMethod]
    public async Task A_refused_learn_fails_with_the_problem_that_the_gateway_named()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Refuse = seen => seen == 3 ? Results.Problem(statusCode: 503, detail: "The audit trail cannot be written.") : null;

        var error = await Assert.ThrowsExactlyAsync<DemoException>(() => RunAsync(gateway));

        Assert.AreEqual("/api/learn answered 503: The audit trail cannot be written.", error.Message);
    }

    [TestMethod]
    public async Task A_wrong_key_is_said_to_be_wrong()
    {
        await using var gateway = await FakeGateway.StartAsync();

        var error = await Assert.ThrowsExactlyAsync<DemoException>(() => RunAsync(gateway, key: "sutra_other"));

        Assert.AreEqual("/api/learn answered 401: the API key is not accepted", error.Message);
    }

    [TestMethod]
    public async Task The_program_ends_with_1_and_one_line_when_nobody_listens()
    {
        using var folder = new TemporaryFolder();
        await using var demo = ServiceProcess.Start(
            Repository.Program("Sutra.Cli", "sutra"), new Dictionary<string, string?>(), "demo", "--url", $"http://127.0.0.1:{FreePort.Next()}", "--key", "sutra_x");

        await demo.Process.WaitForExitAsync();

        Assert.AreEqual(1, demo.Process.ExitCode);
        StringAssert.Contains(demo.Output, "cannot be reached");
        Assert.IsFalse(demo.Output.Contains("   at "), demo.Output);
    }

    private static IResult RightAnswer(QueryRequest request)
    {
        var source = ExampleQuestion.For(Rows).Single(q => q.Text == request.Query).Source;
        var evidence = new Evidence("0123456789abcdef", OhlcvConcept.Content(source), 0.8764, OhlcvConcept.Metadata(source));
        return Json(new QueryResponse(OhlcvConcept.Content(source), 0.75, [evidence], null, new QueryTiming(1.5, 2, 3, 7)));
    }

    private static IResult Json(QueryResponse response) => Results.Json(response, ApiJson.Default.QueryResponse);

    private static async Task<string> RunAsync(FakeGateway gateway, StringWriter? output = null, string key = FakeGateway.Key)
    {
        output ??= new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 160;
        await new DemoRun(new DemoOptions(gateway.Url, key), console, TimeProvider.System).RunAsync(Rows, CancellationToken.None);
        return output.ToString();
    }

    private sealed class RetryAfterOneSecond : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = 429;
            httpContext.Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        }
    }
}
