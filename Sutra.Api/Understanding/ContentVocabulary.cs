using Sutra.Api.Querying;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Understanding;

/// <summary>
/// Learns from some concepts how their texts speak of their metadata: which words stand beside a field's values, what the field is called, in which unit it is.
/// "closed at 187.58 USD" tells that <c>price_close</c> = 187.58 is what somebody asks for who says "closed".
/// </summary>
internal sealed class ContentVocabulary
{
    private const int WordsBefore = 12;
    private const int WordsAfter = 8;
    private const double BeforeWeight = 0.7;
    private const double AfterWeight = 0.4;
    private const double MinShare = 0.4;
    private const double CommonShare = 0.4;

    private readonly Dictionary<string, Observed> _observed;
    private readonly Dictionary<string, int> _holders = new(StringComparer.Ordinal);
    private int _texts;

    public ContentVocabulary(IEnumerable<CatalogField> fields) =>
        _observed = fields.Where(field => field.Kind == CatalogFieldKind.Number).ToDictionary(field => field.Name, field => new Observed(field), StringComparer.Ordinal);

    /// <summary>Stems that most texts have.</summary>
    public IEnumerable<string> CommonWords => _holders.Where(pair => pair.Value >= CommonShare * _texts && _texts >= 3).Select(pair => pair.Key);

    public void Add(Concept concept)
    {
        const int MaxCharacters = 4096;
        var content = concept.Content.Length > MaxCharacters ? concept.Content[..MaxCharacters] : concept.Content;
        var tokens = Scanner.Scan(content);
        var names = concept.Metadata.Values.Where(value => value.Length < 128).SelectMany(MetadataCatalog.WordsOf).ToHashSet(StringComparer.Ordinal);
        var words = tokens.Select(token => token.Kind == TokenKind.Word && token.Text.ToLowerInvariant() is var word && !names.Contains(word) && !StopWords.Contains(word) ? word : null).ToArray();
        _texts++;
        foreach (var stem in words.Where(word => word is not null).Select(word => Stemmer.Stem(word!)).Distinct(StringComparer.Ordinal))
        {
            _holders[stem] = _holders.GetValueOrDefault(stem) + 1;
        }

        foreach (var (name, observed) in _observed)
        {
            if (concept.Metadata.TryGetValue(name, out var value) && Scanner.Scan(value) is [{ Kind: TokenKind.Number } number])
            {
                observed.Add(value, number.Text, tokens, words);
            }
        }
    }

    /// <summary>The field with what was learned of it.</summary>
    public CatalogField Describe(CatalogField field) => _observed.TryGetValue(field.Name, out var observed) ? observed.Describe() : field;

    private sealed class Observed(CatalogField field)
    {
        private readonly Dictionary<string, double> _words = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _units = new(StringComparer.Ordinal);
        private readonly List<int> _places = [];
        private bool _isWhole = true;
        private int _values;
        private int _mentions;

        public void Add(string value, string number, List<Token> tokens, string?[] words)
        {
            _values++;
            _isWhole &= !value.Contains('.', StringComparison.Ordinal);
            var near = new Dictionary<string, double>(StringComparer.Ordinal);
            var first = -1;
            for (var i = 0; i < tokens.Count; i++)
            {
                if (tokens[i].Kind == TokenKind.Number && string.Equals(tokens[i].Text, number, StringComparison.Ordinal))
                {
                    first = first < 0 ? i : first;
                    _mentions++;
                    Before(i, tokens, words, near);
                    After(i, tokens, words, near);
                }
            }

            if (first < 0)
            {
                return;
            }

            _places.Add(first);
            foreach (var (stem, weight) in near)
            {
                _words[stem] = _words.GetValueOrDefault(stem) + weight;
            }
        }

        public CatalogField Describe()
        {
            var context = _words.Where(pair => pair.Value >= MinShare * BeforeWeight * _places.Count)
                .ToDictionary(pair => pair.Key, pair => pair.Value / _places.Count, StringComparer.Ordinal);
            var label = _labels.Count > 0 ? _labels.MaxBy(pair => pair.Value) : default;
            var unit = _units.Count > 0 ? _units.MaxBy(pair => pair.Value) : default;
            return field with
            {
                Context = context,
                Label = label.Value * 2 >= _places.Count && label.Key is not null ? label.Key : field.Label,
                Unit = unit.Value * 10 >= _mentions * 9 && unit.Key is not null ? unit.Key : null,
                IsWhole = _isWhole && _values > 0,
                Place = _places.Count * 2 > _values ? _places.Average() : double.PositiveInfinity,
            };
        }

        private void Before(int at, List<Token> tokens, string?[] words, Dictionary<string, double> near)
        {
            var parts = field.Parts.Count;
            for (var i = at - 1; i >= 0 && i >= at - WordsBefore && tokens[i].Kind != TokenKind.Number && !Joins(tokens[i]); i--)
            {
                Note(words[i], BeforeWeight, near);
                if (parts > 1 && i + parts <= at && IsLabel(i, parts, tokens))
                {
                    var label = string.Join(' ', tokens.Skip(i).Take(parts).Select(token => token.Text.ToLowerInvariant()));
                    _labels[label] = _labels.GetValueOrDefault(label) + 1;
                }

                if (tokens[i].StartsSentence)
                {
                    break;
                }
            }
        }

        private void After(int at, List<Token> tokens, string?[] words, Dictionary<string, double> near)
        {
            if (at + 1 < tokens.Count && tokens[at + 1] is { StartsSentence: false, Kind: TokenKind.Word } unit && words[at + 1] is not null)
            {
                _units[unit.Text] = _units.GetValueOrDefault(unit.Text) + 1;
            }

            for (var i = at + 1; i < tokens.Count && i <= at + WordsAfter && tokens[i].Kind != TokenKind.Number && !tokens[i].StartsSentence && !Joins(tokens[i]); i++)
            {
                Note(words[i], AfterWeight, near);
            }
        }

        private bool IsLabel(int from, int count, List<Token> tokens)
        {
            var left = field.Parts.ToList();
            for (var i = from; i < from + count; i++)
            {
                var word = tokens[i].Text.ToLowerInvariant();
                var part = left.FindIndex(part => Means(word, part));
                if (part < 0)
                {
                    return false;
                }

                left.RemoveAt(part);
            }

            return true;
        }

        private static bool Means(string word, string part) =>
            string.Equals(Stemmer.Stem(word), Stemmer.Stem(part), StringComparison.Ordinal)
            || Lexicon.SensesOf(word).Intersect(Lexicon.SensesOf(part), StringComparer.Ordinal).Any()
            || (Lexicon.CueOf(word).HasFlag(Cue.Maximum) && Lexicon.SensesOf(part).Contains("high", StringComparer.Ordinal))
            || (Lexicon.CueOf(word).HasFlag(Cue.Minimum) && Lexicon.SensesOf(part).Contains("low", StringComparer.Ordinal));

        private static void Note(string? word, double weight, Dictionary<string, double> near)
        {
            if (word is not null && Stemmer.Stem(word) is var stem && near.GetValueOrDefault(stem) < weight)
            {
                near[stem] = weight;
            }
        }

        /// <summary>What is beyond it is said of something else.</summary>
        private static bool Joins(Token token) => token.Kind == TokenKind.Word && token.Text.ToLowerInvariant() is "and" or "but" or "while" or "whereas" or "or";
    }
}
