using System.Collections.Concurrent;
using System.Collections.Frozen;
using Sutra.Api.Querying;

namespace Sutra.Api.Understanding;

/// <summary>A value of the metadata, by its words in lower case.</summary>
internal sealed record NamedValue(CatalogField Field, string Value, IReadOnlyList<string> Words);

/// <summary>What metadata a collection has, and how its texts speak of it.</summary>
internal sealed class MetadataCatalog
{
    public static readonly MetadataCatalog Empty = new([], [], [], []);

    private readonly FrozenDictionary<string, NamedValue[]> _values;
    private readonly FrozenDictionary<string, NamedValue[]> _firstWords;
    private readonly FrozenSet<string> _commonWords;

    /// <param name="aliases">Fields that say the same thing of each concept, such as a name and its abbreviation.</param>
    /// <param name="commonWords">Stems that most texts have.</param>
    public MetadataCatalog(
        IReadOnlyList<CatalogField> fields, IReadOnlyList<IReadOnlyList<CatalogField>> aliases, IEnumerable<string> commonWords, IEnumerable<string> searchable)
    {
        Fields = fields;
        Measures = [.. fields.Where(field => field.Kind == CatalogFieldKind.Number)];
        Time = fields.Where(field => field.Kind == CatalogFieldKind.Time).OrderByDescending(field => field.Concepts).ThenBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault();
        _commonWords = commonWords.ToFrozenSet(StringComparer.Ordinal);
        SchemaWords = [.. searchable];
        Aliases = aliases;

        var categories = fields.Where(field => field is { Kind: CatalogFieldKind.Category, Distinct: >= 2 }).ToList();
        Categories = categories;

        // What the records are about: the field with most values that come again and again; of aliases the one in whole words.
        var entities = categories.Where(field => field.Concepts >= 2 * field.Distinct).ToList();
        Subject = entities.Count == 0 ? null : entities.OrderByDescending(field => field.Concepts).ThenByDescending(field => field.Distinct).ThenByDescending(Length).First();

        var named = categories.SelectMany(field => field.Values.Select(value => new NamedValue(field, value, WordsOf(value)))).Where(value => value.Words.Count is > 0 and <= 12).ToList();
        _values = named.GroupBy(value => value.Words[0], StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.OrderByDescending(value => value.Words.Count).ToArray(), StringComparer.Ordinal);
        _firstWords = named.Where(value => value.Words.Count > 1 && value.Words[0].Length > 3)
            .GroupBy(value => value.Words[0], StringComparer.Ordinal)
            .Where(group => group.Select(value => value.Value).Distinct(StringComparer.Ordinal).Count() == 1)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    public IReadOnlyList<CatalogField> Fields { get; }

    /// <summary>Fields whose values are numbers.</summary>
    public IReadOnlyList<CatalogField> Measures { get; }

    /// <summary>Fields of at least two texts, all known.</summary>
    public IReadOnlyList<CatalogField> Categories { get; }

    public IReadOnlyList<IReadOnlyList<CatalogField>> Aliases { get; }

    /// <summary>When a record is of; null when none says.</summary>
    public CatalogField? Time { get; }

    /// <summary>What a record is of.</summary>
    public CatalogField? Subject { get; }

    /// <summary>Words that the data speak in, most telling first: what other words are compared with.</summary>
    public IReadOnlyList<string> SchemaWords { get; }

    /// <summary>Of <see cref="SchemaWords"/>, when they were first needed; null until then.</summary>
    public IReadOnlyList<float[]>? SchemaVectors { get; set; }

    /// <summary>What the values of one alias are in another, as far as that was looked up.</summary>
    public ConcurrentDictionary<(string Field, string Value), string> Canonical { get; } = new();

    public static IReadOnlyList<string> WordsOf(string value) => [.. Scanner.Scan(value).Select(token => token.Text.ToLowerInvariant())];

    /// <summary>Values whose first word this is, the longest first.</summary>
    public IReadOnlyList<NamedValue> ValuesAt(string word) => _values.GetValueOrDefault(word, []);

    /// <summary>The only value, of more words, that begins with this word.</summary>
    public IReadOnlyList<NamedValue> ValuesBeginning(string word) => _firstWords.GetValueOrDefault(word, []);

    public bool IsCommon(string stem) => _commonWords.Contains(stem);

    /// <summary>Of fields that say the same, the one that answers name.</summary>
    public CatalogField NameOf(CatalogField field) => Aliases.FirstOrDefault(group => group.Contains(field)) is { } same ? same.MaxBy(Length)! : field;

    private static double Length(CatalogField field) => field.Values.Count == 0 ? 0 : field.Values.Average(value => value.Length);
}
