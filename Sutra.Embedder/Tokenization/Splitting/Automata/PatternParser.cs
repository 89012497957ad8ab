using System.Globalization;

namespace Sutra.Embedder.Tokenization.Splitting.Automata;

/// <summary>
/// Reads the regular expressions that tokenizers have: sets, groups, alternatives, greedy counts. Whatever else there is (looking
/// around, anchors, references, lazy counts, ...) makes it give up: such an expression is left to .NET's engine.
/// </summary>
internal sealed class PatternParser
{
    private const int MostNested = 16;

    private readonly string _text;
    private int _at;

    private PatternParser(string text)
    {
        _text = text;
    }

    /// <summary>Null: not one that an automaton follows.</summary>
    /// <param name="expression">One that .NET takes.</param>
    public static PatternNode? Parse(string expression)
    {
        var parser = new PatternParser(expression);
        var node = parser.Alternatives(ignoresCase: false, depth: 0);
        return node is not null && parser._at == expression.Length ? node : null;
    }

    private PatternNode? Alternatives(bool ignoresCase, int depth)
    {
        var items = new List<PatternNode>();
        do
        {
            if (depth > MostNested || Sequence(ignoresCase, depth) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }
        while (Takes("|"));

        return items.Count == 1 ? items[0] : new AlternativesNode(items);
    }

    private SequenceNode? Sequence(bool ignoresCase, int depth)
    {
        var items = new List<PatternNode>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            if (Atom(ignoresCase, depth) is not { } atom || Counted(atom) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new SequenceNode(items);
    }

    private PatternNode? Atom(bool ignoresCase, int depth)
    {
        if (Takes("(?:"))
        {
            return Group(ignoresCase, depth);
        }

        if (Takes("(?i:"))
        {
            return Group(ignoresCase: true, depth);
        }

        if (_text[_at] == '(')
        {
            // What a group captured nobody asks; any other that begins with a question mark is special.
            _at++;
            return _at < _text.Length && _text[_at] == '?' ? null : Group(ignoresCase, depth);
        }

        var length = _text[_at] switch
        {
            '[' => SetLength(),
            '\\' => EscapeLength(),
            ']' or '{' or '}' or '*' or '+' or '?' or '^' or '$' => 0,
            _ => 1,
        };
        if (length == 0)
        {
            return null;
        }

        var set = _text.Substring(_at, length);
        _at += length;
        return new SetNode(ignoresCase ? $"(?i:{set})" : set);
    }

    private PatternNode? Group(bool ignoresCase, int depth) =>
        Alternatives(ignoresCase, depth + 1) is { } group && Takes(")") ? group : null;

    private PatternNode? Counted(PatternNode item)
    {
        int min;
        int? max;
        if (Takes("*"))
        {
            (min, max) = (0, null);
        }
        else if (Takes("+"))
        {
            (min, max) = (1, null);
        }
        else if (Takes("?"))
        {
            (min, max) = (0, 1);
        }
        else if (!Takes("{"))
        {
            return item;
        }
        else if (!TakesNumber(out min))
        {
            return null;
        }
        else
        {
            max = !Takes(",") ? min : TakesNumber(out var most) ? most : null;
            if (!Takes("}"))
            {
                return null;
            }
        }

        // Lazy, possessive, or a count of a count; and what may be nothing again and again has rules of its own.
        var plain = _at == _text.Length || _text[_at] is not ('?' or '+' or '*' or '{');
        return plain && !item.IsNullable && !(max < min) ? new RepeatNode(item, min, max) : null;
    }

    private bool TakesNumber(out int number)
    {
        var start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        return int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private int SetLength()
    {
        var first = _at + 1 < _text.Length && _text[_at + 1] == '^' ? _at + 2 : _at + 1;
        for (var i = first; i < _text.Length; i++)
        {
            switch (_text[i])
            {
                case ']':
                    return i == first ? 0 : i + 1 - _at;
                case '[':
                    return 0;
                case '\\':
                    i++;
                    break;
            }
        }

        return 0;
    }

    private int EscapeLength()
    {
        switch (_at + 1 < _text.Length ? _text[_at + 1] : '\0')
        {
            case 's' or 'S' or 'd' or 'D' or 'r' or 'n' or 't' or 'f' or 'v':
                return 2;
            case 'p' or 'P':
                var end = _text.IndexOf('}', _at);
                return end < 0 ? 0 : end + 1 - _at;
            case var escaped:
                return char.IsAscii(escaped) && (char.IsPunctuation(escaped) || char.IsSymbol(escaped)) ? 2 : 0;
        }
    }

    private bool Takes(string what)
    {
        var found = string.CompareOrdinal(_text, _at, what, 0, what.Length) == 0;
        _at += found ? what.Length : 0;
        return found;
    }
}
