using System.Globalization;
using Sutra.Api.Understanding;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Planning;

/// <summary>A concept by its metadata.</summary>
internal sealed record Record(Concept Concept, DateTime? Time)
{
    public static Record Of(Concept concept, CatalogField? time) =>
        new(concept, time is not null && concept.Metadata.TryGetValue(time.Name, out var text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment.UtcDateTime : null);

    public string? this[CatalogField field] => Concept.Metadata.TryGetValue(field.Name, out var value) ? value : null;

    public decimal? Number(CatalogField field) =>
        this[field] is { } text && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    public bool IsDuring(TimeRange range) => Time is { } time && DateOnly.FromDateTime(time) is var day && day >= range.From && day < range.Until;
}
