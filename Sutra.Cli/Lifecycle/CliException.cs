namespace Sutra.Cli.Lifecycle;

/// <summary>Something the person at the keyboard can act on, in one line.</summary>
internal sealed class CliException(string message) : Exception(message);
