using System.Globalization;
using System.Text;
using Sutra.Contracts.Concepts;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Filtering;

/// <summary>Checks a filter and makes it ready to be asked.</summary>
internal sealed class FilterCompiler
{
    // Nodes and texts in the order of the tree, each text after its length: no two filters have the same.
    private readonly StringBuilder _key = new();
    private readonly Dictionary<string, FilterField> _fields = new(StringComparer.Ordinal);
    private int _tests;
    private int _nodes;
    private int _bytes;

    private FilterCompiler()
    {
    }

    /// <param name="filter">What is asked.</param>
    /// <param name="path">What it is called where it came from.</param>
    /// <exception cref="InvalidConceptException">The first rule that is broken; names its place in the filter, never a value.</exception>
    public static CompiledFilter Compile(Filter filter, string path = "filter")
    {
        var compiler = new FilterCompiler();
        var root = compiler.Node(filter, path, 1);
        return new CompiledFilter(root, compiler._key.ToString(), MetadataFields.Of(compiler._tests, compiler._fields.Values));
    }

    private FilterNode Node(Filter? filter, string path, int depth)
    {
        Check(depth <= FilterLimits.Depth, path, $"at most {FilterLimits.Depth} filters within each other");
        Check(++_nodes <= FilterLimits.Nodes, path, $"at most {FilterLimits.Nodes} filters in all");
        return filter switch
        {
            AndFilter and => new AndNode(Nodes(and.Filters, 'a', path + ".and", depth)),
            OrFilter or => Or(Nodes(or.Filters, 'o', path + ".or", depth)),
            NotFilter not => Not(not, path + ".not", depth),
            EqualFilter equal => Values(equal.Field, [equal.Value], path + ".equal", "value"),
            InFilter any => Values(any.Field, any.Values, path + ".in", "values"),
            RangeFilter range => Range(range, path + ".range"),
            ExistsFilter exists => Exists(exists, path + ".exists"),
            PrefixFilter prefix => Prefix(prefix, path + ".prefix"),
            _ => throw new InvalidConceptException(path, "must be one of and, or, not, equal, in, range, exists, prefix"),
        };
    }

    private FilterNode[] Nodes(IReadOnlyList<Filter> filters, char kind, string path, int depth)
    {
        Check(filters is { Count: > 0 }, path, "at least one filter");
        Check(filters.Count <= FilterLimits.Nodes, path, $"at most {FilterLimits.Nodes} filters in all");
        _key.Append(CultureInfo.InvariantCulture, $"{kind}{filters.Count}(");
        return [.. filters.Select((filter, i) => Node(filter, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), depth + 1))];
    }

    // Tests of ids that are joined are one: they may overlap.
    private static OrNode Or(FilterNode[] nodes)
    {
        var ids = nodes.OfType<IdNode>().ToList();
        return ids.Count < 2 ? new OrNode(nodes) : new OrNode([new IdNode(SortedRanges.Of(ids.SelectMany(node => node.Ranges))), .. nodes.Where(node => node is not IdNode)]);
    }

    private NotNode Not(NotFilter not, string path, int depth)
    {
        _key.Append("n(");
        return new NotNode(Node(not.Filter, path, depth + 1));
    }

    private FilterNode Values(string name, IReadOnlyList<string> values, string path, string what)
    {
        var field = Field(name, path, 'v');
        path = $"{path}.{what}";
        Check(values is { Count: > 0 and <= FilterLimits.Values }, path, $"must be 1 to {FilterLimits.Values} values");
        var texts = values.Select(value => Text(value, path)).ToArray();
        Array.Sort(texts, static (left, right) => left.AsSpan().SequenceCompareTo(right));
        texts = [.. texts.Where((text, i) => i == 0 || !text.AsSpan().SequenceEqual(texts[i - 1]))];
        foreach (var text in texts)
        {
            Append(text);
        }

        return field.Kind switch
        {
            FieldKind.Id => new IdNode(SortedRanges.Of(texts.Select(text => IdRange(text, ConceptId.TextLength, path)))),
            FieldKind.LearnedAt => new LearnedAtNode(SortedRanges.Of(texts.Select(text => Time(text, path)).Select(time => (time, time)))),
            _ => new ValuesNode(field, texts),
        };
    }

    private FieldNode Exists(ExistsFilter exists, string path)
    {
        var field = Field(exists.Field, path, 'e');
        return field.Kind is FieldKind.Id or FieldKind.Model or FieldKind.LearnedAt ? new EverythingNode() : new ExistsNode(field);
    }

    private FieldNode Prefix(PrefixFilter prefix, string path)
    {
        var field = Field(prefix.Field, path, 'p');
        Check(field.Kind != FieldKind.LearnedAt, path + ".field", "$learned_at is a time, which has no prefixes");
        path += ".value";
        var text = Text(prefix.Value, path);
        Check(text.Length > 0, path, "must not be empty");
        Append(text);
        return field.Kind == FieldKind.Id ? new IdNode([IdRange(text, 1, path)]) : new PrefixNode(field, text);
    }

    private FieldNode Range(RangeFilter range, string path)
    {
        var field = Field(range.Field, path, 'r');
        Check(field.Kind is FieldKind.Metadata or FieldKind.LearnedAt, path + ".field", "must be a metadata key or $learned_at: $id, $model and $owner have no order");
        Check(range.Gt is null || range.Gte is null, path, "at most one of gt and gte");
        Check(range.Lt is null || range.Lte is null, path, "at most one of lt and lte");
        bool? times = field.Kind == FieldKind.LearnedAt ? true : null;
        var (low, high) = (ulong.MinValue, ulong.MaxValue);
        if ((range.Gt ?? range.Gte) is { } least)
        {
            low = Bound(least, ref times, path + (range.Gt is null ? ".gte" : ".gt")) + (range.Gt is null ? 0u : 1);
        }

        if ((range.Lt ?? range.Lte) is { } most)
        {
            high = Bound(most, ref times, path + (range.Lt is null ? ".lte" : ".lt")) - (range.Lt is null ? 0u : 1);
        }

        Check(low != ulong.MinValue || high != ulong.MaxValue, path, "at least one of gt, gte, lt and lte");
        _key.Append(CultureInfo.InvariantCulture, $"{(times == true ? 't' : 'd')}{low:x}-{high:x};");
        return field.Kind == FieldKind.LearnedAt ? new LearnedAtNode(SortedRanges.Of([(low, high)])) : new RangeNode(field, times == true, low, high);
    }

    private ulong Bound(string bound, ref bool? times, string path)
    {
        var text = Text(bound, path);
        if (SortKey.TryTime(text, out var key))
        {
            Check(times != false, path, "must be a number, as the other bound is");
            times = true;
            return key;
        }

        Check(SortKey.TryNumber(text, out key), path, times == true ? "must be an ISO 8601 date or date-time" : "must be a number, or an ISO 8601 date or date-time");
        Check(times != true, path, "must be an ISO 8601 date or date-time, as the other bound or the field is");
        times = false;
        return key;
    }

    private static ulong Time(byte[] text, string path) =>
        SortKey.TryTime(text, out var key) ? key : throw new InvalidConceptException(path, "must be an ISO 8601 date or date-time");

    // Of the ids that begin so.
    private static (ulong Low, ulong High) IdRange(byte[] text, int least, string path)
    {
        Check(
            text.Length >= least && text.Length <= ConceptId.TextLength && !text.AsSpan().ContainsAnyExcept("0123456789abcdef"u8),
            path,
            least == 1 ? $"must be 1 to {ConceptId.TextLength} lower-case hex digits" : $"must be {ConceptId.TextLength} lower-case hex digits");
        var free = (ConceptId.TextLength - text.Length) * 4;
        var low = ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) << free;
        return (low, low | ((1UL << free) - 1));
    }

    private FilterField Field(string name, string path, char test)
    {
        Check(name is not null, path + ".field", "must be there");
        var field = FilterField.Parse(name!, path + ".field");
        if (field.Kind == FieldKind.Metadata)
        {
            _tests++;
            field = _fields.TryGetValue(name!, out var known) ? known : _fields[name!] = field with { Place = _fields.Count };
        }

        _key.Append(test).Append((char)('0' + (int)field.Kind));
        Append(field.Key);
        Count(field.Key.Length, path + ".field");
        return field;
    }

    private byte[] Text(string text, string path)
    {
        Check(text is not null && ConceptLimits.Bytes(text) is not null, path, "must be valid Unicode text");
        Check(text!.Length <= FilterLimits.Bytes, path, $"at most {FilterLimits.Bytes} bytes of UTF-8 in all of the filter");
        var bytes = ConceptRecord.Utf8(text);
        Count(bytes.Length, path);
        return bytes;
    }

    private void Count(int bytes, string path) => Check((_bytes += bytes) <= FilterLimits.Bytes, path, $"at most {FilterLimits.Bytes} bytes of UTF-8 in all of the filter");

    private void Append(ReadOnlySpan<byte> text) => _key.Append(text.Length).Append(':').Append(Encoding.UTF8.GetString(text)).Append(';');

    private static void Check(bool condition, string path, string rule)
    {
        if (!condition)
        {
            throw new InvalidConceptException(path, rule);
        }
    }
}
