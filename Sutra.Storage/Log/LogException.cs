namespace Sutra.Storage.Log;

/// <summary>The log cannot be opened as it is; the message is one line for a person and names file and offset.</summary>
public sealed class LogCorruptException(string message) : Exception(message);

/// <summary>The engine takes no writes: a write or flush failed earlier, or it is stopping. Whether the refused write itself
/// reached the disk is not known when it was under way at the failure.</summary>
public sealed class LogUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
