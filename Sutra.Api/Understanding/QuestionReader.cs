using System.Collections.Frozen;
using System.Globalization;
using Sutra.Api.Querying;

namespace Sutra.Api.Understanding;

/// <summary>Reads a question by the metadata catalog of its collection and general English; it knows no templates of questions and no names of its own.</summary>
internal sealed class QuestionReader
{
    private const double Explains = 0.3;

    private static readonly FrozenSet<string> s_auxiliaries =
        FrozenSet.Create(StringComparer.Ordinal, "did", "does", "do", "was", "were", "is", "are", "has", "have", "had", "will", "can", "could", "would");

    /// <summary>Follow a name without being one.</summary>
    private static readonly FrozenSet<string> s_nameSuffixes =
        FrozenSet.Create(StringComparer.Ordinal, "inc", "corp", "ltd", "plc", "llc", "ag", "gmbh", "co", "sa", "nv", "company", "corporation", "limited", "group");

    private readonly MetadataCatalog _catalog;
    private readonly Token[] _tokens;
    private readonly string[] _words;
    private readonly string[] _stems;
    private readonly bool[] _used;
    private readonly Cue[] _cues;

    private QuestionReader(string text, MetadataCatalog catalog)
    {
        _catalog = catalog;
        _tokens = [.. Scanner.Scan(text.Length > Tokenizer.MaxCharacters ? text[..Tokenizer.MaxCharacters] : text)];
        _words = [.. _tokens.Select(token => token.Text.ToLowerInvariant())];
        _stems = [.. _words.Select(Stemmer.Stem)];
        _used = new bool[_tokens.Length];
        _cues = [.. _words.Select(Lexicon.CueOf)];
    }

    /// <param name="today">What "yesterday" is counted from.</param>
    public static Question Read(string text, MetadataCatalog catalog, DateOnly today) => new QuestionReader(text, catalog).Read(text, today);

    private Question Read(string text, DateOnly today)
    {
        var mentions = Mentions();
        var times = _catalog.Time is { } field ? new TimeExpressions(text, _tokens, today, field.Newest).Find() : [];
        // "March" may be a name, too; who is named is not a time.
        times = [.. times.Where(time => !Enumerable.Range(time.FirstToken, time.LastToken - time.FirstToken + 1).Any(i => _used[i]))];
        foreach (var time in times)
        {
            _used.AsSpan(time.FirstToken, time.LastToken - time.FirstToken + 1).Fill(true);
        }

        var edge = Edge();
        var wanted = Wanted(mentions, out var wantsTime, out var wantsCount);
        ReadHow();
        var threshold = FindThreshold();
        var measures = Measures();
        var cues = Cue.None;
        for (var i = 0; i < _cues.Length; i++)
        {
            // What a field is called by says nothing of what is to be done with it: "mean temperature".
            var isName = _catalog.Measures.Any(field => field.Stems.Contains(_stems[i]));
            cues |= _used[i] ? Cue.None : isName ? _cues[i] & (Cue.Maximum | Cue.Minimum) : _cues[i];
        }

        UnexplainedWord[] unexplained = [.. Unexplained()];
        return new Question
        {
            Text = text,
            Tokens = _tokens,
            Terms = Tokenizer.Question(text),
            Mentions = mentions,
            Times = times,
            Measures = measures,
            Cues = cues,
            Wanted = wanted,
            WantsTime = wantsTime,
            WantsCount = wantsCount,
            IsYesNo = _words.Length > 0 && s_auxiliaries.Contains(_words[0]),
            Threshold = threshold,
            Edge = edge,
            Unexplained = unexplained,
            Asked = AskedThing.Find(_words, _used, s_auxiliaries, unexplained),
        };
    }

    /// <summary>"The end of March" is a part of a time, and says nothing of what is asked for.</summary>
    /// <returns>Below 0: the beginning; above 0: the end; 0: neither or both.</returns>
    private int Edge()
    {
        var edge = 0;
        for (var i = 0; i + 2 < _words.Length; i++)
        {
            var side = _words[i] switch { "start" or "beginning" or "begin" => -1, "end" => 1, _ => 0 };
            var next = i + 1;
            next += _words[next] is "and" or "to" ? 0 : 1;
            next += next < _words.Length && _words[next] is "the" ? 1 : 0;
            var isOfTime = next < _words.Length && (_used[next] || _words[next] is "week" or "month" or "quarter" or "year" or "period");

            // "from the start to the end of March"
            isOfTime |= side != 0 && _words[i + 1] is "to" or "and" && _words.AsSpan(i + 1).ContainsAny("end", "start");
            if (side != 0 && isOfTime)
            {
                edge += side;
                _used[i] = true;
            }
        }

        return edge;
    }

    /// <summary>"How high did it go" asks for the highest, not for how it changed; what "changed hands" did not change.</summary>
    private void ReadHow()
    {
        for (var i = 0; i + 1 < _words.Length; i++)
        {
            if (_stems[i] == "chang" && _words[i + 1] == "hands")
            {
                _cues[i] = Cue.None;
                _used[i] = true;
            }

            if (_words[i] == "how" && s_auxiliaries.Contains(_words[i + 1]))
            {
                // "How did it do?"
                for (var next = i + 2; next < _words.Length; next++)
                {
                    _cues[next] |= !_used[next] && (_words[next] is "do" or "doing" or "done") ? Cue.Change : Cue.None;
                }
            }

            if (_words[i] == "how" && _words[i + 1] is "high" or "low")
            {
                _cues[i + 1] |= _words[i + 1] == "high" ? Cue.Maximum : Cue.Minimum;
                for (var next = i + 2; next < _words.Length; next++)
                {
                    _cues[next] &= ~Cue.Change;
                }
            }
        }
    }

    private List<Mention> Mentions()
    {
        var mentions = new List<Mention>();
        for (var i = 0; i < _tokens.Length; i++)
        {
            var found = Longest(i);
            if (found.Count == 0)
            {
                continue;
            }

            mentions.AddRange(found);
            var last = found[0].Last;
            _used.AsSpan(i, last - i + 1).Fill(true);
            i = last;
        }

        return mentions;
    }

    private List<Mention> Longest(int at)
    {
        var found = new List<Mention>();
        foreach (var value in _catalog.ValuesAt(_words[at]))
        {
            var count = value.Words.Count;
            if (found.Count > 0 && count < found[0].Last - found[0].First + 1)
            {
                break;
            }

            if (at + count <= _words.Length && _words.AsSpan(at, count).SequenceEqual(value.Words.ToArray()) && Sureness(at, value) is { } isSure)
            {
                found.Add(new Mention(value.Field, value.Value, isSure, at, at + count - 1));
            }
        }

        if (found.Count == 0 && IsNameLike(at) is var isName && (isName || !IsOrdinary(at)))
        {
            found.AddRange(_catalog.ValuesBeginning(_words[at]).Select(value => new Mention(value.Field, value.Value, isName, at, at)));
        }

        return found;
    }

    /// <returns>Null: it is not meant.</returns>
    private bool? Sureness(int at, NamedValue value)
    {
        if (value.Words.Count > 1)
        {
            return true;
        }

        var isExact = string.Equals(_tokens[at].Text, value.Value, StringComparison.Ordinal);
        var isWritten = value.Value.Any(c => char.IsUpper(c) || char.IsDigit(c));
        if (isExact && isWritten && (!_tokens[at].StartsSentence || value.Value.Skip(1).Any(char.IsUpper) || !IsOrdinary(at)))
        {
            return true;
        }

        return IsOrdinary(at) || _words[at].Length < 3 ? null : isExact && !isWritten;
    }

    /// <summary>A word of the language or of the records.</summary>
    private bool IsOrdinary(int at) =>
        Lexicon.IsNeutral(_words[at]) || _cues[at] != Cue.None || Lexicon.SensesOf(_words[at]).Count > 0 || CalendarDates.Month(_words[at]) is not null
        || _catalog.IsCommon(_stems[at]) || _catalog.Fields.Any(field => field.Stems.Contains(_stems[at]));

    private bool IsNameLike(int at) =>
        _tokens[at] is { Kind: TokenKind.Word or TokenKind.Code } token && char.IsUpper(token.Text[0])
        && (!token.StartsSentence || (token.Text.Length > 1 && token.Text.All(char.IsUpper)));

    /// <summary>which company, what ticker, who, when, on which day, how many days.</summary>
    private CatalogField? Wanted(List<Mention> mentions, out bool wantsTime, out bool wantsCount)
    {
        CatalogField? wanted = null;
        (wantsTime, wantsCount) = (false, false);
        for (var i = 0; i < _words.Length; i++)
        {
            switch (_words[i])
            {
                case "when":
                    wantsTime = true;
                    break;
                case "who" or "whose":
                    wanted ??= _catalog.Subject;
                    break;
                case "which" or "what" or "whichever":
                    // Of the words that follow, up to the first that says something else.
                    for (var next = i + 1; next < _words.Length && next <= i + 4; next++)
                    {
                        if (_words[next] is "day" or "date" or "days" or "dates" or "month" or "year" or "week" or "quarter" && next <= i + 3)
                        {
                            wantsTime |= !_used[next];
                            break;
                        }

                        if (FieldCalled(next) is { } field)
                        {
                            wanted ??= field;
                            break;
                        }
                    }

                    // "Which traded more, A or B": one of those that are named, or of all there are.
                    if (_words[i] == "which" && wanted is null && !wantsTime)
                    {
                        wanted = WantedAfter(i + 1, mentions);
                    }

                    break;
                case "how" when i + 2 < _words.Length && _words[i + 1] == "many":
                    wantsCount |= _words[i + 2] is "day" or "days" or "times" or "records" or "entries" or "sessions"
                        || (i + 3 < _words.Length && _words[i + 3] is "days" or "sessions");
                    break;
                default:
                    break;
            }
        }

        // "the company with the highest", "name the company".
        for (var i = 0; wanted is null && !wantsTime && i < _words.Length; i++)
        {
            if (!_used[i] && FieldCalled(i) is { } field && ReferenceEquals(field, SubjectOf(mentions)) && !mentions.Any(mention => ReferenceEquals(mention.Field, field)))
            {
                wanted = field;
            }
            else if (!_used[i] && FieldCalled(i) is { Kind: CatalogFieldKind.Category } other && mentions.Count > 0 && mentions.All(mention => !ReferenceEquals(mention.Field, other))
                && (i > 0 && _words[i - 1] is "the" or "a" or "which" or "what"))
            {
                wanted = other;
            }
        }

        return wanted;
    }

    private CatalogField? WantedAfter(int at, List<Mention> mentions)
    {
        if (at >= _words.Length || _used[at] || _cues[at].HasFlag(Cue.Change) || SubjectOf(mentions) is not { } subject)
        {
            return null;
        }

        // "Which shops did Brightmoor close": what is done to them is not what they are.
        if (at + 2 < _words.Length && s_auxiliaries.Contains(_words[at + 1]) && mentions.Exists(mention => mention.First == at + 2 || (_words[at + 2] is "the" && mention.First == at + 3)))
        {
            return null;
        }

        // "which stock": another word for what the records are about, whatever it is.
        _used[at] |= _tokens[at].Kind == TokenKind.Word && _cues[at] == Cue.None && !_catalog.Measures.Any(field => field.Speaks(_words[at], _stems[at]) >= Explains);
        return subject;
    }

    private CatalogField? SubjectOf(List<Mention> mentions) => _catalog.Subject is { } subject ? _catalog.NameOf(subject) : mentions.FirstOrDefault()?.Field;

    /// <summary>A category that is called so, by its name or by another word for it.</summary>
    private CatalogField? FieldCalled(int at)
    {
        if (_used[at])
        {
            return null;
        }

        var categories = _catalog.Categories;
        return categories.FirstOrDefault(field => field.Parts.Contains(_words[at], StringComparer.Ordinal) || field.Stems.Contains(_stems[at]))
            ?? (Lexicon.SensesOf(_words[at]) is { Count: > 0 } senses && _cues[at] == Cue.None && !_catalog.Measures.Any(field => field.Speaks(_words[at], _stems[at]) >= 0.8)
                ? categories.FirstOrDefault(field => senses.Any(sense => field.Parts.SelectMany(Lexicon.SensesOf).Contains(sense, StringComparer.Ordinal)))
                : null);
    }

    /// <summary>A number of the question that is no date: what values are compared with.</summary>
    private Threshold? FindThreshold()
    {
        for (var i = 0; i < _tokens.Length; i++)
        {
            if (_used[i] || _tokens[i].Kind != TokenKind.Number || !decimal.TryParse(_tokens[i].Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            var side = 0;
            for (var before = i - 1; before >= 0 && before >= i - 3; before--)
            {
                side = _words[before] switch { "above" or "over" or "exceed" or "exceeded" or "more" or "higher" => 1, "below" or "under" or "less" or "lower" or "fewer" => -1, _ => side };
            }

            _used[i] = true;
            return new Threshold(number, side);
        }

        return null;
    }

    private List<(CatalogField Field, double Score)> Measures()
    {
        var scores = new double[_catalog.Measures.Count];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < _words.Length; i++)
        {
            if (_used[i] || !seen.Add(_stems[i]) || (StopWords.Contains(_words[i]) && Lexicon.SensesOf(_words[i]).Count == 0 && (_cues[i] & (Cue.Maximum | Cue.Minimum)) == 0))
            {
                continue;
            }

            var speaks = _catalog.Measures.Select(field => field.Speaks(_words[i], _stems[i])).ToArray();
            var holders = speaks.Count(score => score >= Explains);
            if (holders == 0)
            {
                continue;
            }

            // What speaks of all of them tells none from another.
            var rarity = Math.Log(1 + ((double)scores.Length / holders)) / Math.Log(1 + scores.Length);
            for (var f = 0; f < scores.Length; f++)
            {
                scores[f] += speaks[f] >= Explains ? speaks[f] * rarity : 0;
            }
        }

        return [.. _catalog.Measures.Select((field, f) => (Field: field, Score: scores[f])).Where(one => one.Score > 0)
            .OrderByDescending(one => Math.Round(one.Score, 6)).ThenBy(one => one.Field.Place).ThenByDescending(one => one.Field.Concepts)];
    }

    private IEnumerable<UnexplainedWord> Unexplained()
    {
        var shouted = !_tokens.Any(token => token.Text.Any(char.IsLower));
        for (var i = 0; i < _tokens.Length; i++)
        {
            if (_used[i] || _words[i].Length < 2)
            {
                continue;
            }

            var isName = !shouted && IsNameLike(i);
            var followsName = i > 0 && _used[i - 1] && _tokens[i - 1].Kind == TokenKind.Word;
            var isExplained = Lexicon.IsNeutral(_words[i]) || _cues[i] != Cue.None || CalendarDates.Month(_words[i]) is not null
                || (followsName && s_nameSuffixes.Contains(_words[i]))
                || _catalog.Fields.Any(field => field.Stems.Contains(_stems[i]) || field.Speaks(_words[i], _stems[i]) >= Explains)
                || (!isName && _catalog.IsCommon(_stems[i]))
                || Enum.IsDefined(typeof(DayOfWeek), char.ToUpperInvariant(_words[i][0]) + _words[i][1..]);
            if (!isExplained)
            {
                yield return new UnexplainedWord(_tokens[i].Text, i, isName);
            }
        }
    }
}
