using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Concepts;

/// <summary>Configuration section <c>ConceptStore</c>.</summary>
public sealed class ConceptStoreOptions
{
    public const string Section = "ConceptStore";

    /// <summary>How long the storage may take for one call; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it may take for one call that learns many; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan BatchDeadline { get; set; } = TimeSpan.FromSeconds(30);
}
