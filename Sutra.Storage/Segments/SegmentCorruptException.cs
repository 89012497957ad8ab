namespace Sutra.Storage.Segments;

/// <summary>Stored bytes are not what was written. The message is one line for a person and names the file and what in it.</summary>
public sealed class SegmentCorruptException(string message, Exception? inner = null) : Exception(message, inner);
