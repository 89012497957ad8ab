namespace Sutra.Storage.Associations.Extraction;

/// <summary>Words: runs of capitalised ones, acronyms, identifiers.</summary>
internal ref partial struct EntityScan
{
    // More capitalised words than this in a row are a headline.
    private const int MostWords = 6;

    private const int MostAcronym = 6;
    private const int MostIdentifier = 32;

    private struct Run
    {
        public int Start;
        public int End;
        public int Words;
        public int CalendarWords;
        public int Acronyms;

        // Its first word begins a sentence and shows no other sign of being a name.
        public bool Explained;
    }

    // What stands between two spaces may still be several words: "NASDAQ:AAPL", "Smith/Jones".
    private void Words(int from, int to)
    {
        for (var start = from; start < to;)
        {
            var end = start;
            while (end < to && IsInWord(end, from, to))
            {
                end++;
            }

            if (end > start)
            {
                Word(start, end);
            }

            if (end < to)
            {
                EndRun();
                _sentenceStarts = false;
            }

            start = end + 1;
        }
    }

    private readonly bool IsInWord(int at, int from, int to)
    {
        var c = _text[at];
        return CharacterClasses.IsAlphanumeric(c)
            || (c is '-' or '\'' or '\u2019' or '&' or '.' or '_' or '\u2010' or '\u2011' && at > from && at + 1 < to
                && CharacterClasses.IsAlphanumeric(_text[at - 1]) && CharacterClasses.IsAlphanumeric(_text[at + 1]));
    }

    private void Word(int start, int end)
    {
        // "Nasa's", "Kants'": not part of the name.
        if (end - start > 2 && _text[end - 1] is 's' or 'S' && _text[end - 2] is '\'' or '\u2019')
        {
            end -= 2;
        }

        var word = _text[start..end];
        var (upper, lower, digits, hyphens, dots) = (0, 0, 0, 0, 0);
        foreach (var c in word)
        {
            switch (CharacterClasses.Of(c))
            {
                case CharacterClass.Upper: upper++; break;
                case CharacterClass.Letter: lower++; break;
                case CharacterClass.Digit: digits++; break;
                default:
                    hyphens += c is '-' or '\u2010' or '\u2011' ? 1 : 0;
                    dots += c == '.' ? 1 : 0;
                    break;
            }
        }

        if (upper == 0)
        {
            EndRun();
            _sentenceStarts = false;
        }
        else if (lower == 0 && digits > 0 && hyphens > 0 && word.Length <= MostIdentifier && CharacterClasses.IsUpper(word[0]))
        {
            EndRun();
            _entities.Add(EntityKind.Identifier, word);
            _sentenceStarts = false;
        }
        else if (lower == 0 && dots == upper - 1 && upper is >= 2 and <= MostAcronym && upper + dots == word.Length)
        {
            Dotted(word);
        }
        else if (lower == 0 && upper + digits == word.Length && word.Length >= 2 && CharacterClasses.IsUpper(word[0]))
        {
            Acronym(start, end);
        }
        else
        {
            Capitalised(start, end, upper);
        }
    }

    // "U.S."
    private void Dotted(ReadOnlySpan<char> word)
    {
        EndRun();
        Span<char> letters = stackalloc char[MostAcronym];
        for (var i = 0; i < word.Length; i += 2)
        {
            letters[i / 2] = word[i];
        }

        _entities.Add(EntityKind.Name, letters[..((word.Length + 1) / 2)]);
        _sentenceStarts = false;
    }

    // Kept back until it is known whether everything around is in capitals, too.
    private void Acronym(int start, int end)
    {
        if (_run.Words > 0 && _run.Acronyms == 0)
        {
            EndRun();
        }

        if (_run.Words == 0)
        {
            _run.Start = start;
        }

        _run.End = end;
        _run.Words++;
        _run.Acronyms++;
        _sentenceStarts = false;
    }

    private void Capitalised(int start, int end, int upper)
    {
        var word = _text[start..end];
        if (_run.Acronyms > 0)
        {
            EndRun();
        }

        if (_run.Words == 0)
        {
            // "iPhone", "YouTube": capitals that no sentence explains.
            _run.Explained = _sentenceStarts && upper == 1 && CharacterClasses.IsUpper(word[0]);
            _run.Start = start;
        }

        _run.End = end;
        _run.Words++;
        _run.CalendarWords += KnownWords.IsCalendar(word) ? 1 : 0;
        _sentenceStarts = false;
    }

    private void EndRun()
    {
        if (_run.Words == 0)
        {
            return;
        }

        var run = _run;
        _run = default;
        var text = _text[run.Start..run.End];
        if (run.Acronyms > 0)
        {
            Acronyms(text, run.Words);
            return;
        }

        if (run.CalendarWords == run.Words || run.Words > MostWords)
        {
            return;
        }

        if (run.Explained)
        {
            var stripped = false;
            while (FirstWord(text) is var length && KnownWords.BeginsSentences(text[..length]))
            {
                stripped = true;
                text = text[length..].TrimStart();
            }

            if (text.IsEmpty || (!stripped && run.Words == 1))
            {
                return;
            }
        }

        if (text.Length > 1)
        {
            _entities.Add(EntityKind.Name, text);
        }
    }

    private readonly void Acronyms(ReadOnlySpan<char> text, int words)
    {
        // More than three in a row are shouted.
        if (words > 3)
        {
            return;
        }

        for (var rest = text; !rest.IsEmpty; rest = rest[FirstWord(rest)..].TrimStart())
        {
            if (FirstWord(rest) > MostAcronym)
            {
                // A name that is written in capitals; a word alone is more likely to be stressed.
                if (words > 1)
                {
                    _entities.Add(EntityKind.Name, text);
                }

                return;
            }
        }

        while (!text.IsEmpty)
        {
            var length = FirstWord(text);
            if (!KnownWords.JoinsNames(text[..length]))
            {
                _entities.Add(EntityKind.Name, text[..length]);
            }

            text = text[length..].TrimStart();
        }
    }

    private static int FirstWord(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && CharacterClasses.Of(text[length]) != CharacterClass.Space)
        {
            length++;
        }

        return length;
    }
}
