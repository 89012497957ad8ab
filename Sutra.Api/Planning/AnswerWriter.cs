using System.Globalization;
using System.Text;
using Sutra.Api.Querying;
using Sutra.Api.Understanding;
using Sutra.Contracts.Api;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Planning;

/// <summary>Writes an answer and notes what proves which part of it.</summary>
internal sealed class AnswerWriter
{
    private const string Source = "source";

    private readonly StringBuilder _text = new();
    private readonly List<Citation> _citations = [];

    public IReadOnlyList<Citation> Citations => _citations;

    public AnswerWriter Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>A value as the content writes it, with its unit.</summary>
    public AnswerWriter AddValue(Record record, CatalogField field)
    {
        var place = PlaceOf(record.Concept, field);
        var value = place is { } found ? record.Concept.Content[found.Start..found.End] : record[field] ?? "";
        Cite(place is null || field.Unit is null ? value : $"{value} {field.Unit}", record.Concept, place, field);
        return this;
    }

    /// <summary>Something else that a record proves.</summary>
    public AnswerWriter AddProven(string text, Record record, CatalogField field)
    {
        var at = record[field] is { Length: > 0 } value ? record.Concept.Content.IndexOf(value, StringComparison.Ordinal) : -1;
        Cite(text, record.Concept, at >= 0 ? (at, at + record[field]!.Length) : null, field);
        return this;
    }

    /// <summary>A number that was computed.</summary>
    public AnswerWriter AddNumber(decimal number, CatalogField field) => Add(Number(number, field)).Add(field.Unit is null ? "" : $" {field.Unit}");

    public override string ToString() => _text.ToString();

    public static string Number(decimal number, CatalogField field) =>
        number.ToString(field.IsWhole && number == decimal.Truncate(number) ? "N0" : Math.Abs(number) < 10_000 ? "F2" : "N2", CultureInfo.InvariantCulture);

    public static string? SourceOf(Concept concept) => concept.Metadata.TryGetValue(Source, out var source) ? source : null;

    /// <summary>Where the content says a field's value: of several places the one whose words before it speak most of the field.</summary>
    public static (int Start, int End)? PlaceOf(Concept concept, CatalogField field)
    {
        if (!concept.Metadata.TryGetValue(field.Name, out var value) || Scanner.Scan(value) is not [{ Kind: TokenKind.Number } number])
        {
            return null;
        }

        var isNegative = IsNegative(value, number.Start);
        var tokens = Scanner.Scan(concept.Content.Length > Tokenizer.MaxCharacters ? concept.Content[..Tokenizer.MaxCharacters] : concept.Content);
        (int Start, int End)? best = null;
        var most = double.NegativeInfinity;
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind != TokenKind.Number || !string.Equals(tokens[i].Text, number.Text, StringComparison.Ordinal) || IsNegative(concept.Content, tokens[i].Start) != isNegative)
            {
                continue;
            }

            var speaks = 0.0;
            for (var before = i - 1; before >= 0 && before >= i - 12 && tokens[before].Kind != TokenKind.Number; before--)
            {
                var word = tokens[before].Text.ToLowerInvariant();
                speaks += word is "and" or "but" ? -1 : field.Speaks(word, Stemmer.Stem(word));
                if (tokens[before].StartsSentence)
                {
                    break;
                }
            }

            if (speaks > most)
            {
                (most, best) = (speaks, (tokens[i].Start - (isNegative ? 1 : 0), tokens[i].End));
            }
        }

        return best;
    }

    /// <summary>A sign, and not the hyphen of "3-4".</summary>
    private static bool IsNegative(string text, int at) => at > 0 && (text[at - 1] is '-' or '−') && (at < 2 || !char.IsLetterOrDigit(text[at - 2]));

    private void Cite(string text, Concept concept, (int Start, int End)? place, CatalogField field)
    {
        var start = _text.Length;
        _text.Append(text);
        _citations.Add(new Citation(concept.Id, SourceOf(concept), place?.Start, place?.End, start, _text.Length, field.Name));
    }
}
