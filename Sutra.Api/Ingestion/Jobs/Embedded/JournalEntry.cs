using System.Text.Json.Serialization;
using Sutra.Api.Ingestion.Schedules;

namespace Sutra.Api.Ingestion.Jobs.Embedded;

/// <summary>One change, as it is on disk: what things are afterwards, so that reading it again needs no rules.</summary>
internal sealed record JournalEntry
{
    /// <summary>The job as it is now.</summary>
    public Job? Job { get; init; }

    /// <summary>Of a new job.</summary>
    public IReadOnlyList<JobRange>? Ranges { get; init; }

    /// <summary>The range of <see cref="Job"/> that is done.</summary>
    public int? RangeDone { get; init; }

    /// <summary>Lines of items that are not to be tried again as they were.</summary>
    public IReadOnlyList<long>? Removed { get; init; }

    public IReadOnlyList<JobItem>? Items { get; init; }

    /// <summary>All dead letters are failed ones from then on.</summary>
    public DateTimeOffset? DeadAgain { get; init; }

    public string? DeletedJob { get; init; }

    public Schedule? Schedule { get; init; }

    public string? DeletedSchedule { get; init; }
}

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, Seen>))]
internal sealed partial class JournalJson : JsonSerializerContext;
