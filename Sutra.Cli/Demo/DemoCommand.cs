using System.CommandLine;
using System.CommandLine.Parsing;
using Spectre.Console;
using Sutra.Examples.Finance;

namespace Sutra.Cli.Demo;

/// <summary><c>sutra demo</c>.</summary>
internal static class DemoCommand
{
    /// <param name="firstKeyFile">Where the gateway left its first API key.</param>
    /// <param name="ensureUpAsync">Starts Sutra when it is not up and returns the gateway's address; not called when <c>--url</c> is given.</param>
    public static Command Create(string firstKeyFile, Func<CancellationToken, Task<Uri>> ensureUpAsync)
    {
        var url = new Option<Uri?>("--url") { Description = "The gateway of a running Sutra; default: the local one, started if need be.", CustomParser = ParseUrl };
        var key = new Option<string?>("--key") { Description = "API key; default: the first one, which the gateway left in .sutra/first-key." };
        var export = new Option<FileInfo?>("--export") { Description = "Only write the example's rows to this CSV file." };
        var command = new Command("demo", "Learn 2,000 rows of stock prices, then ask three questions.") { url, key, export };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                if (parsed.GetValue(export) is { } file)
                {
                    await using var writer = file.CreateText();
                    OhlcvCsv.Write(writer, MarketGenerator.Generate());
                    return 0;
                }

                var gateway = parsed.GetValue(url) ?? await ensureUpAsync(cancellation);
                var options = new DemoOptions(gateway, parsed.GetValue(key) ?? FirstKey.Read(firstKeyFile));
                await new DemoRun(options, AnsiConsole.Console, TimeProvider.System).RunAsync(OhlcvCsv.ReadExample(), cancellation);
                return 0;
            }
            catch (Exception e) when (e is DemoException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"sutra demo: {e.Message}");
                return 1;
            }
            catch (OperationCanceledException)
            {
                return 130;
            }
        });
        return command;
    }

    private static Uri? ParseUrl(ArgumentResult argument)
    {
        var text = argument.Tokens.Single().Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
        {
            return url;
        }

        argument.AddError($"--url {text} is no http or https address.");
        return null;
    }
}
