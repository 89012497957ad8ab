using System.CommandLine;
using Sutra.Cli;
using Sutra.Cli.Lifecycle;

try
{
    using var interruption = new Interruption();
    var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
    return await SutraCommand.Create(Checkout.Find()).Parse(args).InvokeAsync(configuration, interruption.Token);
}
catch (Exception e) when (e is CliException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"sutra: {e.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
