namespace Sutra.Cli.Demo;

/// <summary>The demo cannot go on; the message is the one line that the user sees.</summary>
internal sealed class DemoException(string message) : Exception(message);
