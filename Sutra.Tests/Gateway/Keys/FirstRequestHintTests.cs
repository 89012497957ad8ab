using System.Diagnostics;
using Sutra.Gateway;
using Sutra.Gateway.Keys;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Keys;

[TestClass]
public sealed class FirstRequestHintTests
{
    private const string Key = "sutra_abcdefghijkl_0123456789012345678901234567890123456789012";

    [TestMethod]
    public void The_first_start_prints_a_line_with_the_key_that_a_shell_can_run()
    {
        using var folder = new TemporaryFolder();

        var arguments = Paste(FirstRequestHint.Text(Key, Options(folder, "first.key")));

        CollectionAssert.Contains(arguments, "https://sutra.example:8443/api/learn");
        CollectionAssert.Contains(arguments, $"Authorization: Bearer {Key}");
        CollectionAssert.Contains(arguments, """{"content": "Sutra remembers what it is told."}""");
    }

    [TestMethod]
    [DataRow("first.key")]
    [DataRow("it's the (first) $key")]
    public void A_later_start_prints_a_line_that_reads_the_key_from_its_file(string file)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(file), Key + "\n");

        var text = FirstRequestHint.Text(null, Options(folder, file));

        Assert.DoesNotContain(Key, text);
        CollectionAssert.Contains(Paste(text), $"Authorization: Bearer {Key}");
    }

    [TestMethod]
    public void Without_that_file_the_line_asks_for_a_key_in_a_variable()
    {
        using var folder = new TemporaryFolder();

        CollectionAssert.Contains(Paste(FirstRequestHint.Text(null, Options(folder, "gone")), Key), $"Authorization: Bearer {Key}");
    }

    /// <summary>Runs the printed line in a shell whose curl prints its arguments, one a line.</summary>
    private static string[] Paste(string text, string? variable = null)
    {
        if (!File.Exists("/bin/sh"))
        {
            Assert.Inconclusive("There is no /bin/sh to paste the line into.");
        }

        var line = text.Split('\n').Single(line => line.StartsWith("curl ", StringComparison.Ordinal));
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardOutput = true, ArgumentList = { "-c", $"curl() {{ printf '%s\\n' \"$@\"; }}\n{line}" } };
        start.Environment["SUTRA_API_KEY"] = variable;
        using var shell = Process.Start(start)!;
        return shell.StandardOutput.ReadToEnd().Split('\n');
    }

    private static GatewayOptions Options(TemporaryFolder folder, string file) => new()
    {
        KeysPath = folder.File("keys.json"),
        FirstKeyPath = folder.File(file),
        PublicUrl = new Uri("https://sutra.example:8443"),
    };
}
