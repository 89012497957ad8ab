namespace Sutra.Storage.Filtering;

/// <summary>
/// Which concepts may be found, by their metadata and by what the system knows of them. Field names are metadata keys; <c>$id</c>, <c>$model</c>,
/// <c>$owner</c> and <c>$learned_at</c> are the system's, and <c>$$key</c> is the metadata key <c>$key</c>. docs/filters.md has the semantics.
/// </summary>
public abstract record Filter
{
    private protected Filter()
    {
    }

    public static Filter And(params IReadOnlyList<Filter> filters) => new AndFilter(filters);

    public static Filter Or(params IReadOnlyList<Filter> filters) => new OrFilter(filters);

    public static Filter Not(Filter filter) => new NotFilter(filter);

    public static Filter Equal(string field, string value) => new EqualFilter(field, value);

    public static Filter In(string field, params IReadOnlyList<string> values) => new InFilter(field, values);

    public static Filter Exists(string field) => new ExistsFilter(field);

    public static Filter Prefix(string field, string prefix) => new PrefixFilter(field, prefix);

    // Not the members: they are user text, and a record's string ends up in logs.
    public sealed override string ToString() => GetType().Name;
}

/// <summary>All of them hold. At least one.</summary>
public sealed record AndFilter(IReadOnlyList<Filter> Filters) : Filter;

/// <summary>One of them holds, or more. At least one.</summary>
public sealed record OrFilter(IReadOnlyList<Filter> Filters) : Filter;

/// <summary>It does not hold: true, too, of concepts that do not have its field.</summary>
public sealed record NotFilter(Filter Filter) : Filter;

/// <summary>The field has this value, character by character.</summary>
public sealed record EqualFilter(string Field, string Value) : Filter;

/// <summary>The field has one of these values.</summary>
public sealed record InFilter(string Field, IReadOnlyList<string> Values) : Filter;

/// <summary>
/// The field's value lies between bounds, as numbers or as times: what the bounds are. Values that are no numbers, or no times, do not. At least one
/// bound, at most one a side.
/// </summary>
public sealed record RangeFilter(string Field) : Filter
{
    /// <summary>Greater than.</summary>
    public string? Gt { get; init; }

    /// <summary>Greater or equal.</summary>
    public string? Gte { get; init; }

    /// <summary>Less than.</summary>
    public string? Lt { get; init; }

    /// <summary>Less or equal.</summary>
    public string? Lte { get; init; }
}

/// <summary>The field is there, be its value empty.</summary>
public sealed record ExistsFilter(string Field) : Filter;

/// <summary>The field's value begins with this, character by character.</summary>
public sealed record PrefixFilter(string Field, string Value) : Filter;

/// <summary>How large a filter may be.</summary>
public static class FilterLimits
{
    /// <summary>Filters within each other.</summary>
    public const int Depth = 16;

    /// <summary>Tests of fields, and filters that join them.</summary>
    public const int Nodes = 512;

    /// <summary>Values of one <see cref="InFilter"/>.</summary>
    public const int Values = 1024;

    /// <summary>UTF-8 of all fields and values.</summary>
    public const int Bytes = 64 * 1024;
}
