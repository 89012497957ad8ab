using System.Xml.Linq;

namespace Sutra.Cli.Testing;

/// <summary>A test that did not run to its end, and why.</summary>
internal sealed record SkippedTest(string Name, string Reason);

/// <summary>What a test run's <c>.trx</c> file says.</summary>
internal sealed record TrxSummary(int Passed, int Failed, IReadOnlyList<SkippedTest> Skipped, IReadOnlyList<string> FailedNames)
{
    public static readonly TrxSummary Empty = new(0, 0, [], []);

    /// <summary>A run counts as good when something passed and nothing failed.</summary>
    public bool Good => Failed == 0 && Passed > 0;

    public static TrxSummary Read(XDocument trx)
    {
        var passed = 0;
        var failed = new List<string>();
        var skipped = new List<SkippedTest>();
        foreach (var result in trx.Descendants().Where(element => element.Name.LocalName == "UnitTestResult"))
        {
            // A data-driven test has one result per row inside the result of the whole.
            if (result.Descendants().Any(inner => inner.Name.LocalName == "UnitTestResult"))
            {
                continue;
            }

            var name = result.Attribute("testName")?.Value ?? "?";
            switch (result.Attribute("outcome")?.Value)
            {
                case "Passed":
                    passed++;
                    break;
                case "NotExecuted" or "Inconclusive" or "NotRunnable" or "Pending" or "Disconnected":
                    skipped.Add(new SkippedTest(name, Message(result) ?? "no reason given"));
                    break;
                default:
                    failed.Add(name);
                    break;
            }
        }

        return new TrxSummary(passed, failed.Count, skipped, failed);
    }

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped.Count} skipped";

    private static string? Message(XElement result)
    {
        var message = result.Descendants().FirstOrDefault(element => element.Name.LocalName == "Message")?.Value
            ?? result.Descendants().FirstOrDefault(element => element.Name.LocalName == "StdOut")?.Value;
        var line = message?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();

        // "[Class Initialization method … threw exception. …: ]Assert.Inconclusive[ failed]. The reason."
        const string said = "Assert.Inconclusive";
        var at = line?.LastIndexOf(said, StringComparison.Ordinal) ?? -1;
        if (line is null || at < 0)
        {
            return line;
        }

        var reason = line[(at + said.Length)..];
        reason = reason.StartsWith(" failed", StringComparison.Ordinal) ? reason[" failed".Length..] : reason;
        return reason.TrimStart('.', ' ') is { Length: > 0 } told ? told : null;
    }
}
