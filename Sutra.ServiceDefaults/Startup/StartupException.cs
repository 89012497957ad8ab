namespace Sutra.ServiceDefaults.Startup;

/// <summary>The service cannot start, and the message says why in one line that its operator can act on.</summary>
public sealed class StartupException : Exception
{
    public StartupException(string message)
        : base(message)
    {
    }

    public StartupException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
