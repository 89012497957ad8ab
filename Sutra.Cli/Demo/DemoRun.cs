using Spectre.Console;
using Sutra.Contracts.Api;
using Sutra.Examples.Finance;

namespace Sutra.Cli.Demo;

/// <summary>The main job once through: learn the example, ask three questions, check the answers. Running it again changes nothing.</summary>
internal sealed class DemoRun(DemoOptions options, IAnsiConsole console, TimeProvider time)
{
    /// <exception cref="DemoException">Something failed, or an answer is not the known one.</exception>
    public async Task RunAsync(IReadOnlyList<OhlcvRow> rows, CancellationToken cancellation)
    {
        using var gateway = new GatewayClient(options.Url, options.Key, time);
        DemoReport.Write(console, await new Ingestion(gateway, console, time).RunAsync(rows, options.Concurrency, cancellation));

        var questions = ExampleQuestion.For(rows);
        var wrong = new List<ExampleQuestion>();
        foreach (var question in questions)
        {
            var (response, elapsed) = await gateway.QueryAsync(new QueryRequest(question.Text, options.Evidence), cancellation);
            var right = response.Answer?.Contains(question.ExpectedValue, StringComparison.Ordinal) ?? false;
            DemoReport.Write(console, question, response, elapsed, right);
            if (!right)
            {
                wrong.Add(question);
            }
        }

        if (wrong.Count > 0)
        {
            throw new DemoException(
                $"{wrong.Count} of {questions.Count} answers lack the known value: {string.Join("; ", wrong.Select(q => $"\"{q.Text}\" should give {q.ExpectedValue}"))}");
        }
    }
}
