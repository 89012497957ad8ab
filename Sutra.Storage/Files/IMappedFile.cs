namespace Sutra.Storage.Files;

/// <summary>A file's bytes in memory, read-only, loaded by the system as they are touched. The file may lose its name meanwhile.</summary>
public unsafe interface IMappedFile : IDisposable
{
    /// <summary>A multiple of 4,096. Good until <see cref="IDisposable.Dispose"/>.</summary>
    byte* Address { get; }

    /// <summary>Bytes, as of when it was mapped.</summary>
    long Length { get; }
}
