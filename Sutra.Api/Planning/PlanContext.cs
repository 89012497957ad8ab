using System.Globalization;
using Sutra.Api.Understanding;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Planning;

/// <summary>What a question asks of which records.</summary>
/// <param name="Subject">The field that says what a record is of, as answers name it; null when there is none.</param>
/// <param name="Subjects">Those that the question names, in its order.</param>
/// <param name="Others">What else of the metadata it names.</param>
internal sealed record PlanContext(Question Question, MetadataCatalog Catalog, CatalogField? Subject, IReadOnlyList<string> Subjects, IReadOnlyList<Filter> Others)
{
    /// <summary>What the request itself lets through.</summary>
    public Filter? Allowed { get; init; }

    public CatalogField? Time => Catalog.Time;

    public TimeRange? Range => Question.Times.Count > 0 ? Question.Times[0] : null;

    public bool IsOneDay => Question.Times is [{ Precision: TimePrecision.Day }];

    /// <summary>The field that the question asks for; without one, what the records are mostly about, which is also what rises and falls when nothing is named for it.</summary>
    public CatalogField Measure => Question.Measures.Count > 0 && (Question.Measures[0].Score >= ClearlyNamed || !Moves)
        ? Question.Measures[0].Field
        : Catalog.Measures.OrderBy(one => one.Place).ThenByDescending(one => one.Concepts).First();

    public bool IsMeasureChosen => Question.Measures.Count == 0
        || (Question.Measures.Count > 1 && Question.Measures[0].Score - Question.Measures[1].Score < 0.05);

    /// <summary>A change is asked about.</summary>
    public bool Moves => Question.Has(Cue.Rise | Cue.Fall | Cue.Change) && !IsOneDay;

    private const double ClearlyNamed = 0.6;

    public Filter? Filter(params ReadOnlySpan<Filter?> more) => MetadataFilters.All(
        [
            Allowed,
            Subject is not null && Subjects.Count > 0 ? MetadataFilters.OneOf(Subject, [.. Subjects.ToArray().Distinct(StringComparer.Ordinal)]) : null,
            MetadataFilters.During(Time, Question.Times),
            .. Others,
            .. more,
        ]);

    /// <summary>"of Brightmoor Energy"; empty when it is of nothing in particular.</summary>
    public string Of(Record record) => Subject is not null && record[Subject] is { } name ? $" of {name}" : "";

    public string When() => Range is { } range ? $" {string.Join(" and ", Question.Times.Select(time => time.InWords()))}" : "";

    public string DayOf(Record record) => record.Time is { } time
        ? time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
        : "";

    /// <summary>How much of the asked time lies between the first and the last of the records.</summary>
    public double Covered(IReadOnlyCollection<Record> records)
    {
        if (Range is not { } range || range.From == DateOnly.MinValue || range.Until == DateOnly.MaxValue || records.Count == 0)
        {
            return 1;
        }

        var days = records.Where(record => record.Time is not null).Select(record => DateOnly.FromDateTime(record.Time!.Value)).ToList();
        return days.Count == 0 ? 0 : (days.Max().DayNumber - days.Min().DayNumber + 1.0) / (range.Until.DayNumber - range.From.DayNumber);
    }
}
