using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Sutra.Api.Querying;
using Sutra.Api.Understanding;
using Sutra.Contracts.Api;

namespace Sutra.Api.Generation;

internal enum SentenceVerdict
{
    Supported,

    /// <summary>It names no evidence, or one that there is not.</summary>
    NotCited,

    /// <summary>The evidence that it names does not say it.</summary>
    NotSupported,
}

/// <summary>
/// Compares what a language model wrote with the evidence that it cites. A sentence is supported when all its numbers, dates and names occur there, at least half of its
/// other words do, one says "not" where the other does, it has something of the question or of its answer, and nothing of a link that is not there.
/// It is about words, not meaning: it finds what was made up, not every twist of what is there.
/// </summary>
internal sealed partial class EvidenceCheck
{
    private const double MinShare = 0.5;

    private static readonly FrozenSet<string> s_negations = FrozenSet.Create(
        StringComparer.Ordinal, "not", "no", "never", "none", "nor", "neither", "without", "cannot", "nobody", "nothing", "nowhere");

    /// <summary>They begin a sentence with a capital letter and are nobody's name.</summary>
    private static readonly FrozenSet<string> s_openers = FrozenSet.Create(
        StringComparer.Ordinal, "however", "additionally", "moreover", "furthermore", "therefore", "thus", "overall", "finally", "yes", "based", "similarly", "meanwhile", "instead", "otherwise", "consequently", "hence", "likewise", "specifically", "together");

    private readonly Shown[] _evidence;
    private readonly HashSet<string> _about;
    private readonly HashSet<string> _ordinary;

    /// <param name="answer">The one that there is without a model.</param>
    public EvidenceCheck(string question, string answer, IReadOnlyList<NumberedEvidence> evidence)
    {
        _evidence = [.. evidence.Select(one => new Shown(one))];
        _about = [.. Tokenizer.Offered(question).Concat(Tokenizer.Offered(answer)).Where(term => !Lexicon.IsNeutral(term))];
        _ordinary = [.. Tokenizer.Question(question).Where(term => term.Kind == TermKind.Word).Select(term => term.Text)];
    }

    /// <param name="at">Where the sentence will begin in the answer.</param>
    /// <param name="citations">What proves it; empty when it is not supported.</param>
    public SentenceVerdict Check(GeneratedSentence sentence, int at, out IReadOnlyList<Citation> citations)
    {
        citations = [];
        if (sentence.Cited.Count == 0 || sentence.Cited.Any(number => number < 1 || number > _evidence.Length))
        {
            return SentenceVerdict.NotCited;
        }

        var said = new Said(sentence.Text);
        var cited = sentence.Cited.Select(number => _evidence[number - 1]).ToList();
        var proving = cited.Select(one => (Shown: one, Place: one.Nearest(said))).Where(one => one.Place.Score > 0).ToList();
        if (proving.Count == 0 || HasForeignMarkup(sentence.Text, cited) || !Says(cited, said)
            || !said.Terms.Any(term => _about.Contains(term.Text))
            || !proving.Exists(one => one.Place.IsNegated == said.IsNegated))
        {
            return SentenceVerdict.NotSupported;
        }

        var end = at + sentence.Text.Length;
        citations = [.. proving.SelectMany(one => one.Shown.Cite(one.Place, at, end)).DistinctBy(one => (one.ConceptId, one.Start, one.End, one.Field))];
        return SentenceVerdict.Supported;
    }

    private bool Says(List<Shown> cited, Said said)
    {
        if (!said.Numbers.All(number => cited.Exists(one => one.Numbers.Contains(number) || (said.HasMonth && one.HasDay(number)))))
        {
            return false;
        }

        var (words, known) = (0, 0);
        foreach (var term in said.Terms.Where(term => term.Kind != TermKind.Word || !char.IsAsciiDigit(term.Text[0])))
        {
            var isOffered = cited.Exists(one => one.Offered.Contains(term.Text) || one.HasMonth(term.Text));
            if (!isOffered && (term.Kind != TermKind.Word || (string.Equals(term.Text, said.Opener, StringComparison.Ordinal) && !_ordinary.Contains(term.Text))))
            {
                return false;
            }

            if (term.Kind == TermKind.Word && !Lexicon.IsNeutral(term.Text))
            {
                words++;
                known += isOffered ? 1 : 0;
            }
        }

        return known >= MinShare * words;
    }

    /// <summary>What a page would make a link, an image or an element of; a plain address is let through when the evidence has it.</summary>
    private static bool HasForeignMarkup(string text, List<Shown> cited) =>
        Markup().IsMatch(text) || Address().Matches(text).Any(address => !cited.Exists(one => one.Evidence.Text.Contains(address.Value.TrimEnd('.', ',', ')', '!', '?'), StringComparison.Ordinal)));

    [GeneratedRegex(@"\]\s*\(|<\s*[a-z/!]|!\[", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Markup();

    [GeneratedRegex(@"(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|javascript:|data:)\S+", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    /// <summary>With their signs; dates are terms.</summary>
    private static IEnumerable<string> NumbersOf(string text) => Scanner.Scan(text).Where(token => token.Kind == TokenKind.Number)
        .Select(token => IsNegative(text, token.Start) ? $"-{token.Text}" : token.Text);

    /// <summary>A sign, and not the hyphen of "3-4".</summary>
    private static bool IsNegative(string text, int at) => at > 0 && text[at - 1] is '-' or '−' && (at < 2 || !char.IsLetterOrDigit(text[at - 2]));

    private static bool IsNegatedText(string text) =>
        text.Contains("n't", StringComparison.OrdinalIgnoreCase) || text.Contains("n’t", StringComparison.OrdinalIgnoreCase)
        || Scanner.Scan(text).Any(token => s_negations.Contains(token.Text.ToLowerInvariant()));

    /// <summary>A sentence of the model.</summary>
    private sealed class Said
    {
        public Said(string text)
        {
            Terms = Tokenizer.Question(text);

            // "14 March 2025" is one date, and no 14.
            Numbers = [.. NumbersOf(text).Where(number => !Terms.Any(term => IsDate(term) && (term.Text.StartsWith(number, StringComparison.Ordinal) || term.Text.EndsWith($"-{number.PadLeft(2, '0')}", StringComparison.Ordinal))))];
            IsNegated = IsNegatedText(text);
            var tokens = Scanner.Scan(text);
            HasMonth = tokens.Exists(token => CalendarDates.Month(token.Text.ToLowerInvariant()) is not null);
            var first = tokens.FirstOrDefault();
            var word = first.Text?.ToLowerInvariant() ?? "";
            Opener = first.Kind != TokenKind.Word || Lexicon.IsNeutral(word) || Lexicon.CueOf(word) != Cue.None || s_openers.Contains(word) ? null : Stemmer.Stem(word);
        }

        public IReadOnlyList<Term> Terms { get; }

        public IReadOnlyList<string> Numbers { get; }

        public bool IsNegated { get; }

        public bool HasMonth { get; }

        /// <summary>The stem of its first word where that may be a name: its capital letter does not tell.</summary>
        public string? Opener { get; }

        private static bool IsDate(Term term) => term.Kind == TermKind.Exact && term.Text.Contains('-', StringComparison.Ordinal);
    }

    /// <param name="Start">In the content.</param>
    /// <param name="Score">0: it has nothing of what was said.</param>
    private readonly record struct Place(int Start, int End, double Score, bool IsNegated);

    /// <summary>Evidence as it can be looked things up in.</summary>
    private sealed class Shown
    {
        private readonly List<(int Start, int End, HashSet<string> Offered)> _sentences = [];

        public Shown(NumberedEvidence evidence)
        {
            Evidence = evidence;
            var metadata = evidence.Concept is { } concept ? string.Join("\n", concept.Metadata.Values.Where(value => value.Length < 256)) : "";
            Offered = [.. Tokenizer.Offered(evidence.Text), .. Tokenizer.Offered(metadata)];
            Numbers = [.. NumbersOf(evidence.Text), .. NumbersOf(metadata)];
            var from = 0;
            foreach (var sentence in Sentences.Split(evidence.Text))
            {
                var start = evidence.Text.IndexOf(sentence, from, StringComparison.Ordinal);
                from = start + sentence.Length;
                _sentences.Add((start, from, Tokenizer.Offered(sentence)));
            }
        }

        public NumberedEvidence Evidence { get; }

        public HashSet<string> Offered { get; }

        public HashSet<string> Numbers { get; }

        /// <summary>"March 14" for 2025-03-14.</summary>
        public bool HasDay(string number) => number.Length <= 2 && char.IsAsciiDigit(number[0]) && Dates.Any(date => date.EndsWith($"-{number.PadLeft(2, '0')}", StringComparison.Ordinal));

        /// <param name="stem">Of a month's name: "januari" is January's.</param>
        public bool HasMonth(string stem) => CalendarDates.Month(stem.EndsWith('i') ? $"{stem[..^1]}y" : stem) is { } month && Dates.Any(date => date.AsSpan(5, 2).SequenceEqual(month < 10 ? $"0{month}" : $"{month}"));

        private IEnumerable<string> Dates => Offered.Where(term => term is [_, _, _, _, '-', _, _, '-', _, _]);

        /// <summary>The sentence that has most of what was said.</summary>
        public Place Nearest(Said said)
        {
            var best = default(Place);
            foreach (var (start, end, offered) in _sentences)
            {
                var score = said.Terms.Sum(term => !offered.Contains(term.Text) ? 0 : term.Kind == TermKind.Word ? 1.0 : 2);
                if (score > best.Score)
                {
                    best = new Place(start, end, score, IsNegatedText(Evidence.Text[start..end]));
                }
            }

            return best;
        }

        public IEnumerable<Citation> Cite(Place place, int at, int end) => Evidence.Concept is { } concept
            ? [new Citation(concept.ConceptId, concept.Metadata.GetValueOrDefault("source"), place.Start, place.End, at, end)]
            : Evidence.Proof.Select(proof => proof with { AnswerStart = at, AnswerEnd = end });
    }
}
