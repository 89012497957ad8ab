using System.Text.RegularExpressions;

namespace Sutra.Embedder.Tokenization.Splitting.Automata;

/// <summary>
/// A regular expression that is followed by table, a step a character. It finds what .NET's engine finds, which it falls back on
/// where trying again and again from the next character would take more than a few times the text's length.
/// </summary>
internal sealed class AutomatonPattern : TextPattern
{
    // Characters read in vain, in texts' lengths; tokenizers' own patterns read one or two for a match.
    private const int Patience = 8;

    private readonly RegexPattern _general;
    private readonly CharacterClasses _classes;
    private readonly ushort[] _next;

    private AutomatonPattern(RegexPattern general, CharacterClasses classes, ushort[] next)
    {
        _general = general;
        _classes = classes;
        _next = next;
    }

    /// <summary>The fastest pattern that finds what the expression finds.</summary>
    /// <exception cref="FormatException">The expression is not supported; says why.</exception>
    public static TextPattern For(string expression)
    {
        var general = new RegexPattern(expression);
        return PatternParser.Parse(expression) is { IsNullable: false } node
            && PatternProgram.Make(node) is { } program
            && CharacterClasses.Make(program.Sets, RegexPattern.Options) is { } classes
            && MatchTable.Make(program, classes) is { } next
            ? new AutomatonPattern(general, classes, next)
            : general;
    }

    public override void Find(ReadOnlySpan<char> text, RegexText proxy, PartList matches, int offset = 0)
    {
        var before = matches.Count;
        var patience = ((long)text.Length * Patience) + 64;
        for (var at = 0; at < text.Length;)
        {
            var stop = Match(text, at, out var read, out var first);
            if (stop > 0)
            {
                matches.Add(offset + at, offset + stop, isMatch: true);
            }

            at = stop > 0 ? stop : at + first;
            patience -= read - at;
            if (patience < 0)
            {
                matches.CutTo(before);
                _general.Find(text, proxy, matches, offset);
                return;
            }
        }
    }

    /// <returns>Where the match ends that begins at <paramref name="at"/>; 0: there is none.</returns>
    /// <param name="read">How far was read.</param>
    /// <param name="first">UTF-16 units of the first character.</param>
    private int Match(ReadOnlySpan<char> text, int at, out int read, out int first)
    {
        var (next, stride) = (_next, _classes.Count);
        var @class = _classes.Look(text, at, out first);
        var (state, stop, consumed) = (MatchTable.Start, 0, first);
        for (read = at; ;)
        {
            var entry = (int)next[(state * stride) + @class];
            state = entry >> 1;
            if (state == MatchTable.Dead)
            {
                return stop;
            }

            read += consumed;
            stop = (entry & 1) != 0 ? read : stop;
            if (read == text.Length)
            {
                return stop;
            }

            @class = _classes.Look(text, read, out consumed);
        }
    }
}
