using Spectre.Console;

namespace Sutra.Cli.ModelCommands;

/// <summary>Colours, bars and the terminal's width are for terminals; a file or another program gets plain, whole lines.</summary>
internal static class Terminal
{
    public static IAnsiConsole Console()
    {
        if (!System.Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        plain.Profile.Width = 500;
        return plain;
    }
}
