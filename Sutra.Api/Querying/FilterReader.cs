using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sutra.Api.Errors;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Querying;

/// <summary>
/// Reads a filter of a request: an object with one member, <c>and</c>, <c>or</c> (arrays of filters), <c>not</c> (a filter), <c>equal</c>, <c>prefix</c>
/// (<c>{field, value}</c>), <c>in</c> (<c>{field, values}</c>), <c>range</c> (<c>{field, gt?, gte?, lt?, lte?}</c>) or <c>exists</c> (a field).
/// The rules are the storage's (docs/filters.md): what breaks one is told by its place.
/// </summary>
internal sealed partial class FilterReader
{
    public const int MaxDepth = 16;
    public const int MaxTests = 512;
    public const int MaxValues = 1024;
    public const int MaxBytes = 64 * 1024;

    private readonly FieldErrors _errors = new();
    private int _tests;
    private int _bytes;

    /// <exception cref="ApiProblem">400, by place and rule.</exception>
    public static Filter Read(JsonElement json)
    {
        var reader = new FilterReader();
        var filter = reader.Filter(json, "filter", 1);
        reader._errors.ThrowIfAny();
        return filter;
    }

    private Filter Filter(JsonElement json, string place, int depth)
    {
        var filter = new Filter();
        if (++_tests == MaxTests + 1)
        {
            _errors.Add("filter", $"At most {MaxTests} filters.");
        }

        if (_tests > MaxTests)
        {
            return filter;
        }

        if (depth > MaxDepth)
        {
            _errors.Add(place, $"At most {MaxDepth} filters within each other.");
            return filter;
        }

        if (json.ValueKind != JsonValueKind.Object || json.EnumerateObject().Count() != 1)
        {
            _errors.Add(place, "A filter is an object with one member: and, or, not, equal, in, range, exists or prefix.");
            return filter;
        }

        var test = json.EnumerateObject().First();
        switch (test.Name)
        {
            case "and":
                filter.And = Filters(test.Value, $"{place}.and", depth);
                break;
            case "or":
                filter.Or = Filters(test.Value, $"{place}.or", depth);
                break;
            case "not":
                filter.Not = Filter(test.Value, $"{place}.not", depth + 1);
                break;
            case "equal":
                filter.Equal = FieldValue(test.Value, $"{place}.equal", isPrefix: false);
                break;
            case "prefix":
                filter.Prefix = FieldValue(test.Value, $"{place}.prefix", isPrefix: true);
                break;
            case "in":
                filter.In = In(test.Value, $"{place}.in");
                break;
            case "range":
                filter.Range = Range(test.Value, $"{place}.range");
                break;
            case "exists":
                filter.Exists = Field(test.Value, $"{place}.exists");
                break;
            default:
                _errors.Add(place, "A filter is an object with one member: and, or, not, equal, in, range, exists or prefix.");
                break;
        }

        return filter;
    }

    private Filters Filters(JsonElement json, string place, int depth)
    {
        var filters = new Filters();
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() == 0)
        {
            _errors.Add(place, "An array of at least one filter.");
            return filters;
        }

        var at = 0;
        foreach (var one in json.EnumerateArray())
        {
            filters.Filters_.Add(Filter(one, string.Create(CultureInfo.InvariantCulture, $"{place}[{at++}]"), depth + 1));
            if (_tests > MaxTests)
            {
                break;
            }
        }

        return filters;
    }

    private FieldValue FieldValue(JsonElement json, string place, bool isPrefix)
    {
        if (!IsObject(json, place, "field", "value"))
        {
            return new FieldValue();
        }

        var field = Field(Member(json, "field"), $"{place}.field");
        var value = Text(Member(json, "value"), $"{place}.value");
        if (isPrefix && value.Length == 0)
        {
            _errors.Add($"{place}.value", "A prefix is not empty.");
        }

        if (field == "$learned_at")
        {
            CheckMoment(value, $"{place}.value", isPrefix);
        }

        return new FieldValue { Field = field, Value = value };
    }

    private FieldValues In(JsonElement json, string place)
    {
        var values = new FieldValues();
        if (!IsObject(json, place, "field", "values"))
        {
            return values;
        }

        values.Field = Field(Member(json, "field"), $"{place}.field");
        var list = Member(json, "values");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is < 1 or > MaxValues)
        {
            _errors.Add($"{place}.values", $"An array of 1 to {MaxValues} texts.");
            return values;
        }

        foreach (var one in list.EnumerateArray())
        {
            var value = Text(one, $"{place}.values");
            if (values.Field == "$learned_at")
            {
                CheckMoment(value, $"{place}.values", isPrefix: false);
            }

            values.Values.Add(value);
        }

        return values;
    }

    private FieldRange Range(JsonElement json, string place)
    {
        var range = new FieldRange();
        if (!IsObject(json, place, "field", "gt", "gte", "lt", "lte"))
        {
            return range;
        }

        range.Field = Field(Member(json, "field"), $"{place}.field");
        if (range.Field is "$id" or "$model" or "$owner")
        {
            _errors.Add($"{place}.field", "This field has no range.");
        }

        var kinds = new List<bool>(2);
        foreach (var bound in json.EnumerateObject().Where(member => member.Name != "field"))
        {
            // A JSON number is a bound, too.
            var text = bound.Value.ValueKind == JsonValueKind.Number ? bound.Value.GetRawText() : Text(bound.Value, $"{place}.{bound.Name}");
            var isTime = IsTime(text);
            if (!isTime && !IsNumber(text))
            {
                _errors.Add($"{place}.{bound.Name}", "A bound is a decimal number, an ISO 8601 date or a date-time.");
            }
            else if (range.Field == "$learned_at" && !isTime)
            {
                _errors.Add($"{place}.{bound.Name}", "Bounds of this field are dates or date-times.");
            }

            kinds.Add(isTime);
            switch (bound.Name)
            {
                case "gt":
                    range.Gt = text;
                    break;
                case "gte":
                    range.Gte = text;
                    break;
                case "lt":
                    range.Lt = text;
                    break;
                default:
                    range.Lte = text;
                    break;
            }
        }

        if (kinds.Count == 0 || (range.HasGt && range.HasGte) || (range.HasLt && range.HasLte))
        {
            _errors.Add(place, "A range has at least one bound, and at most one a side.");
        }
        else if (kinds.Distinct().Count() > 1)
        {
            _errors.Add(place, "Bounds of a range are of one kind, numbers or times.");
        }

        return range;
    }

    private string Field(JsonElement json, string place)
    {
        var field = Text(json, place);
        if (field.Length == 0 && json.ValueKind == JsonValueKind.String)
        {
            _errors.Add(place, "A field has a name.");
        }

        if (field.StartsWith('$') && !field.StartsWith("$$", StringComparison.Ordinal) && field is not ("$id" or "$model" or "$owner" or "$learned_at"))
        {
            _errors.Add(place, "A field beginning with $ is $id, $model, $owner or $learned_at; a metadata key that begins so has a second $.");
        }

        return field;
    }

    private string Text(JsonElement json, string place)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            _errors.Add(place, "A text is required.");
            return "";
        }

        string text;
        try
        {
            text = json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            _errors.Add(place, "The text is not valid Unicode.");
            return "";
        }

        var before = _bytes;
        _bytes += Encoding.UTF8.GetByteCount(text);
        if (before <= MaxBytes && _bytes > MaxBytes)
        {
            _errors.Add("filter", $"Fields and values have at most {MaxBytes} bytes together.");
        }

        return text;
    }

    private void CheckMoment(string value, string place, bool isPrefix)
    {
        if (isPrefix)
        {
            _errors.Add(place, "$learned_at has no prefix.");
        }
        else if (!IsTime(value))
        {
            _errors.Add(place, "A date or date-time.");
        }
    }

    private bool IsObject(JsonElement json, string place, params ReadOnlySpan<string> members)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            _errors.Add(place, "An object is required.");
            return false;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            if (!members.Contains(member.Name) || !seen.Add(member.Name))
            {
                _errors.Add(place, $"Its members are {string.Join(", ", members.ToArray())}, each at most once.");
                return false;
            }
        }

        return true;
    }

    private static JsonElement Member(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value : default;

    private static bool IsNumber(string text) =>
        Number().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);

    private static bool IsTime(string text) =>
        Moment().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    [GeneratedRegex(@"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Moment();
}
