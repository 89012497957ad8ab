using System.Globalization;
using Sutra.Api.Understanding;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Planning;

/// <summary>Filters of the storage, out of what was understood.</summary>
internal static class MetadataFilters
{
    /// <returns>Null for none at all.</returns>
    public static Filter? All(params IEnumerable<Filter?> filters)
    {
        var real = filters.Where(filter => filter is not null).ToList();
        if (real.Count < 2)
        {
            return real.FirstOrDefault();
        }

        var all = new Filters();
        all.Filters_.AddRange(real);
        return new Filter { And = all };
    }

    public static Filter OneOf(CatalogField field, IReadOnlyCollection<string> values)
    {
        if (values.Count == 1)
        {
            return new Filter { Equal = new FieldValue { Field = Key(field), Value = values.First() } };
        }

        var any = new FieldValues { Field = Key(field) };
        any.Values.AddRange(values);
        return new Filter { In = any };
    }

    public static Filter Exists(CatalogField field) => new() { Exists = Key(field) };

    /// <returns>Null without times or when they are open on both sides.</returns>
    public static Filter? During(CatalogField? field, IReadOnlyList<TimeRange> times)
    {
        if (field is null || times.Count == 0)
        {
            return null;
        }

        var ranges = times.Select(time => Range(field, time)).ToList();
        if (ranges.Contains(null))
        {
            return null;
        }

        if (ranges.Count == 1)
        {
            return ranges[0];
        }

        var any = new Filters();
        any.Filters_.AddRange(ranges);
        return new Filter { Or = any };
    }

    /// <param name="day">The first that counts.</param>
    public static Filter From(CatalogField field, DateOnly day) => new() { Range = new FieldRange { Field = Key(field), Gte = Iso(day) } };

    private static Filter? Range(CatalogField field, TimeRange time)
    {
        var range = new FieldRange { Field = Key(field) };
        if (time.From > DateOnly.MinValue)
        {
            range.Gte = Iso(time.From);
        }

        if (time.Until < DateOnly.MaxValue)
        {
            range.Lt = Iso(time.Until);
        }

        return range.HasGte || range.HasLt ? new Filter { Range = range } : null;
    }

    private static string Key(CatalogField field) => field.Name.StartsWith('$') ? $"${field.Name}" : field.Name;

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
