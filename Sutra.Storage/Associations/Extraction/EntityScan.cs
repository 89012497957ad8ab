namespace Sutra.Storage.Associations.Extraction;

/// <summary>One pass over one text, chunk by chunk (what stands between white space), with the run of capitalised words that is open.</summary>
internal ref partial struct EntityScan
{
    private readonly ReadOnlySpan<char> _text;
    private readonly EntityCollector _entities;

    // The next word begins a sentence: its capital says nothing.
    private bool _sentenceStarts = true;

    // The words before the one at hand, the last one first: for dates in words.
    private Before _before;

    // Capitalised words in a row.
    private Run _run;

    public EntityScan(ReadOnlySpan<char> text, EntityCollector entities)
    {
        _text = text;
        _entities = entities;
    }

    public void Execute()
    {
        const CharacterClass Interesting = CharacterClass.Upper | CharacterClass.Digit | CharacterClass.Sign;
        for (var at = 0; at < _text.Length && !_entities.IsFull;)
        {
            var kind = CharacterClasses.Of(_text[at]);
            if ((kind & (CharacterClass.Space | CharacterClass.Line)) != 0)
            {
                if (kind == CharacterClass.Line)
                {
                    EndRun();
                    _sentenceStarts = true;
                }

                at++;
                continue;
            }

            var start = at;
            var all = CharacterClass.None;
            for (; at < _text.Length && (kind = CharacterClasses.Of(_text[at])) is not CharacterClass.Space and not CharacterClass.Line; at++)
            {
                all |= kind;
            }

            if ((all & Interesting) != 0 || StartsPage(start, at))
            {
                Chunk(start, at, all);
            }
            else
            {
                PlainWord(start, at, all);
            }
        }

        EndRun();
    }

    // Nothing in it is capitalised: it ends names, unless it is one of the words inside of them.
    private void PlainWord(int start, int end, CharacterClass all)
    {
        if (all == CharacterClass.Letter || (all == CharacterClass.Other && _text[start] == '&'))
        {
            if (_run.Words > 0 && !KnownWords.JoinsNames(_text[start..end]))
            {
                EndRun();
            }

            _sentenceStarts = false;
            Remember(start, end);
            return;
        }

        EndRun();
        if ((all & (CharacterClass.Letter | CharacterClass.Stop)) == 0)
        {
            // A dash or a bullet.
            return;
        }

        var word = TrimEnd(start, end, out var ends);
        _sentenceStarts = ends;
        Remember(TrimStart(start, word, out _), word);
    }

    private void Chunk(int start, int end, CharacterClass all)
    {
        var from = TrimStart(start, end, out var quoted);
        var to = TrimEnd(from, end, out var ends);
        if (from > start)
        {
            EndRun();
            _sentenceStarts |= quoted;
        }

        if (from == to)
        {
            EndRun();
            _sentenceStarts |= ends;
            return;
        }

        if (CharacterClasses.IsDigit(_text[from]))
        {
            EndRun();
            Number(from, to);
            Remember(from, to);
        }
        else if (((all & CharacterClass.Sign) != 0 || StartsPage(from, to)) && Special(from, to))
        {
            EndRun();
        }
        else
        {
            Words(from, to);
            Remember(from, to);
        }

        if (to < end)
        {
            var initial = ends && IsAbbreviation(from, to);
            ends &= !initial;
            if (!(initial && end == to + 1))
            {
                EndRun();
            }
        }

        _sentenceStarts = ends;
    }

    // "J. Smith", "Dr. Smith", "U.S. law".
    private readonly bool IsAbbreviation(int from, int to)
    {
        var word = _text[from..to];
        return (word.Length == 1 && CharacterClasses.IsUpper(word[0])) || (word.Length >= 3 && word[1] == '.' && CharacterClasses.IsUpper(word[0])) || KnownWords.IsTitle(word);
    }

    private readonly int TrimStart(int from, int to, out bool quoted)
    {
        quoted = false;
        for (; from < to; from++)
        {
            var c = _text[from];
            if (CharacterClasses.IsAlphanumeric(c) || (c is '@' or '#' && from + 1 < to && CharacterClasses.IsAlphanumeric(_text[from + 1])))
            {
                break;
            }

            quoted |= c is '"' or '\'' or '\u2018' or '\u201C' or '\u201E' or '«' or '»' or '\u00BF' or '\u00A1';
        }

        return from;
    }

    private readonly int TrimEnd(int from, int to, out bool ends)
    {
        ends = false;
        for (; to > from && !CharacterClasses.IsAlphanumeric(_text[to - 1]); to--)
        {
            ends |= _text[to - 1] == ':' || CharacterClasses.Of(_text[to - 1]) == CharacterClass.Stop;
        }

        return to;
    }

    private void Remember(int start, int end) => _before = new Before(start, end, _before);

    /// <summary>Where the last words were; four are enough for "5 de enero de".</summary>
    private readonly struct Before
    {
        private readonly (int Start, int End) _first;
        private readonly (int Start, int End) _second;
        private readonly (int Start, int End) _third;
        private readonly (int Start, int End) _fourth;

        public Before(int start, int end, in Before others)
        {
            _first = (start, end);
            (_second, _third, _fourth) = (others._first, others._second, others._third);
        }

        public (int Start, int End) this[int back] => back switch { 0 => _first, 1 => _second, 2 => _third, _ => _fourth };
    }
}
