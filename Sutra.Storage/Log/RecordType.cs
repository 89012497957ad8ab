namespace Sutra.Storage.Log;

/// <summary>What a record says. The numbers are part of the format.</summary>
public enum RecordType : byte
{
    /// <summary>A concept, whole.</summary>
    Learn = 1,

    /// <summary>The id of a concept that is no more.</summary>
    Delete = 2,

    /// <summary>The last record of a segment that has a successor. No payload.</summary>
    Seal = 3,

    /// <summary>The engine was stopped in order: everything before this is on the disk. No payload.</summary>
    Stop = 4,

    /// <summary>A concept, whole: its id, and a sealed record of what <see cref="Learn"/> has.</summary>
    SealedLearn = 5,

    /// <summary>As <see cref="Delete"/>, and nothing of the concept is to be left in any file.</summary>
    Erase = 6,
}
