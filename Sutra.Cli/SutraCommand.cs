using System.CommandLine;
using Sutra.Cli.Demo;
using Sutra.Cli.Lifecycle;
using Sutra.Cli.ModelCommands;
using Sutra.Cli.StorageCommands;
using Sutra.Cli.Testing;

namespace Sutra.Cli;

/// <summary>All commands.</summary>
internal static class SutraCommand
{
    public static RootCommand Create(Checkout checkout)
    {
        SutraInstance Open() => new(checkout, Console.Out);

        return new RootCommand("Sutra, a semantic memory: text in, questions answered.")
        {
            UpCommand.Create(Open),
            DownCommand.Create(Open),
            StatusCommand.Create(Open),
            DemoCommand.Create(checkout.FirstKeyFile, async cancellation =>
            {
                using var instance = Open();
                return await instance.EnsureUpAsync(cancellation);
            }),
            ModelCommand.Create(checkout.ModelStore),
            VerifyCommand.Create(checkout.StorageData),
            TestCommand.Create(() => checkout),
        };
    }
}
