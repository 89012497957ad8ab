namespace Sutra.Storage.Lexical.Analysis;

/// <summary>One pass over one text: see <see cref="TextAnalyzer"/> for what it does.</summary>
internal ref struct AnalysisRun<TSink>
    where TSink : ITermSink
{
    private const int MaxParts = 16;
    private const WordBreak Alphanumeric = WordBreak.AnyLetter | WordBreak.Numeric;

    private readonly ReadOnlySpan<char> _text;
    private readonly TextLanguage _language;
    private readonly Span<byte> _term;
    private readonly Span<byte> _whole;
    private readonly ref TSink _sink;

    // Words joined without spaces: where the last one ended, how many there are, their bytes so far.
    private int _joinedEnd;
    private int _joinedParts;
    private int _wholeLength;

    // Characters without spaces between: one run, in UTF-16 from start to end.
    private int _runStart;
    private int _runEnd;

    public AnalysisRun(ReadOnlySpan<char> text, TextLanguage language, Span<byte> term, Span<byte> whole, ref TSink sink)
    {
        _text = text;
        _language = language;
        _term = term;
        _whole = whole;
        _sink = ref sink;
        _joinedEnd = -1;
        _runEnd = -1;
    }

    public void Execute()
    {
        for (var start = 0; start < _text.Length;)
        {
            var end = WordBreaks.Next(_text, start);
            Segment(start, end);
            start = end;
        }

        EndRun();
        EndJoined();
    }

    private void Segment(int start, int end)
    {
        for (var at = start; at < end;)
        {
            var value = WordBreakProperty.Of(_text, at, out var length);
            if ((value & WordBreak.Continuous) != 0)
            {
                var stop = EndOfIgnored(at + length, end);
                if (_runEnd != at)
                {
                    EndRun();
                    _runStart = at;
                }

                at = _runEnd = stop;
            }
            else if ((value & Alphanumeric) != 0)
            {
                var stop = EndOfWord(at + length, end);
                Word(at, stop);
                at = stop;
            }
            else if (at == start && (value & (WordBreak.Pictographic | WordBreak.RegionalIndicator)) != 0)
            {
                Emit(TermFold.Fold(_text[start..end], _term, out _), extra: false);
                return;
            }
            else
            {
                at += length;
            }
        }
    }

    private readonly int EndOfIgnored(int at, int end)
    {
        while (at < end && (WordBreakProperty.Of(_text, at, out var length) & WordBreak.Ignored) != 0)
        {
            at += length;
        }

        return at;
    }

    // Letters, digits, what hangs on them, and apostrophes between letters.
    private readonly int EndOfWord(int at, int end)
    {
        while (at < end)
        {
            var value = WordBreakProperty.Of(_text, at, out var length);
            var inWord = (value & WordBreak.Continuous) == 0 && ((value & (Alphanumeric | WordBreak.Ignored)) != 0 || (IsApostrophe(_text[at]) && at + 1 < end));
            if (!inWord)
            {
                break;
            }

            at += length;
        }

        return at;
    }

    private void Word(int start, int end)
    {
        var word = _text[start..end];
        var joins = _joinedParts > 0 && start == _joinedEnd + 1 && IsConnector(_text[_joinedEnd]);
        if (!joins)
        {
            EndJoined();
        }

        var length = TermFold.Fold(word, _term, out var letters);
        if (length == 0)
        {
            return;
        }

        Join(joins ? _text[_joinedEnd] : '\0', length);
        _joinedEnd = end;
        var apostrophe = letters ? word.LastIndexOfAny('\'', '\u2019') : -1;
        var from = apostrophe < 0 ? 0 : Elision(word, apostrophe, ref length);
        if (letters)
        {
            length = from + LightStemmer.Stem(_language, _term[from..length]);
        }

        if (length > from)
        {
            _sink.Add(_term[from..length], extra: false);
        }

        if (end == start + 1 && letters)
        {
            Sharp(end);
        }
    }

    // "king's" and "l'homme": what hangs on the word by an apostrophe. The apostrophes themselves are folded away.
    private readonly int Elision(ReadOnlySpan<char> word, int apostrophe, ref int length)
    {
        var after = word.Length - apostrophe - 1;
        switch (_language)
        {
            case TextLanguage.English or TextLanguage.German or TextLanguage.Dutch when after == 1 && length > 1 && _term[length - 1] == 's':
                length--;
                return 0;
            case TextLanguage.French or TextLanguage.Italian when length > after && LightStemmer.IsElision(_language, _term[..(length - after)]):
                return length - after;
            default:
                return 0;
        }
    }

    // "C#", "C++": the one case where a letter is not what is meant without what follows.
    private void Sharp(int end)
    {
        var rest = _text[end..];
        var sign = rest.StartsWith("++") ? "++" : rest.StartsWith("#") ? "#" : "";
        if (sign.Length == 0 || (rest.Length > sign.Length && char.IsLetterOrDigit(rest[sign.Length])))
        {
            return;
        }

        var length = TermFold.Fold(_text[(end - 1)..end], _term, out _);
        foreach (var c in sign)
        {
            _term[length++] = (byte)c;
        }

        Emit(length, extra: true);
    }

    private void Join(char connector, int length)
    {
        var withConnector = connector != '\0' && !IsHyphen(connector);
        if (_joinedParts == MaxParts || _wholeLength + length + (withConnector ? 1 : 0) > _whole.Length)
        {
            _joinedParts = MaxParts + 1;
        }

        if (_joinedParts > MaxParts)
        {
            return;
        }

        if (withConnector)
        {
            _whole[_wholeLength++] = (byte)connector;
        }

        _term[..length].CopyTo(_whole[_wholeLength..]);
        _wholeLength += length;
        _joinedParts++;
    }

    private void EndJoined()
    {
        if (_joinedParts is > 1 and <= MaxParts)
        {
            _sink.Add(_whole[.._wholeLength], extra: true);
        }

        _joinedParts = 0;
        _wholeLength = 0;
    }

    private void EndRun()
    {
        var (at, first) = (_runStart, -1);
        while (at < _runEnd)
        {
            var value = WordBreakProperty.Of(_text, at, out var length);
            var stop = EndOfIgnored(at + length, _runEnd);
            var alone = first < 0 && stop == _runEnd;
            if ((value & WordBreak.Ideograph) != 0 || alone)
            {
                Emit(TermFold.Fold(_text[at..stop], _term, out _), extra: false);
            }

            if (first >= 0)
            {
                var ideograph = (WordBreakProperty.Of(_text, first, out _) & WordBreak.Ideograph) != 0;
                Emit(TermFold.Fold(_text[first..stop], _term, out _), extra: ideograph);
            }

            first = at;
            at = stop;
        }

        _runEnd = -1;
        _runStart = 0;
    }

    private readonly void Emit(int length, bool extra)
    {
        if (length > 0)
        {
            _sink.Add(_term[..length], extra);
        }
    }

    private static bool IsApostrophe(char c) => c is '\'' or '\u2019';

    private static bool IsHyphen(char c) => c is '-' or '\u2010' or '\u2011';

    private static bool IsConnector(char c) => IsHyphen(c) || c is '_' or '.' or ',' or ':' or '@' or '&' or '+' or '/';
}
