using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Sutra.Embedder.Tokenization.Splitting.Automata;

/// <summary>
/// Characters that no set of an expression tells apart are one class. What is in a set .NET's engine was asked, for every
/// character of the basic plane; one beyond it is taken for another of its category, as <see cref="RegexText"/> does.
/// </summary>
internal sealed class CharacterClasses
{
    /// <summary>Most sets that an expression may have.</summary>
    public const int MostSets = 64;

    // A surrogate says nothing by itself.
    private const byte Beyond = byte.MaxValue;

    private readonly byte[] _classes = new byte[65536];
    private readonly List<ulong> _sets;

    private CharacterClasses(List<ulong> sets)
    {
        _sets = sets;
    }

    public int Count => _sets.Count;

    /// <summary>Null: there are too many classes.</summary>
    /// <param name="sets">Each a regular expression that matches one character; <see cref="MostSets"/> at most.</param>
    public static CharacterClasses? Make(IReadOnlyList<string> sets, RegexOptions options)
    {
        var memberships = new ulong[65536];
        var all = string.Create(65536, 0, static (chars, _) =>
        {
            for (var i = 0; i < chars.Length; i++)
            {
                chars[i] = (char)i;
            }
        });
        for (var i = 0; i < sets.Count; i++)
        {
            foreach (var match in new Regex($"(?:{sets[i]})+", options, RegexPattern.Patience).EnumerateMatches(all))
            {
                foreach (ref var membership in memberships.AsSpan(match.Index, match.Length))
                {
                    membership |= 1UL << i;
                }
            }
        }

        var classes = new CharacterClasses([]);
        var known = new Dictionary<ulong, byte>();
        for (var i = 0; i < memberships.Length; i++)
        {
            if (char.IsSurrogate((char)i))
            {
                classes._classes[i] = Beyond;
                continue;
            }

            if (!known.TryGetValue(memberships[i], out var number))
            {
                if (known.Count == Beyond)
                {
                    return null;
                }

                number = (byte)known.Count;
                known.Add(memberships[i], number);
                classes._sets.Add(memberships[i]);
            }

            classes._classes[i] = number;
        }

        return classes;
    }

    /// <summary>Whether the characters of a class are in a set.</summary>
    public bool IsIn(int @class, int set) => (_sets[@class] >> set & 1) != 0;

    /// <summary>The class of the character at <paramref name="at"/>, which has <paramref name="consumed"/> UTF-16 units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Look(ReadOnlySpan<char> text, int at, out int consumed)
    {
        consumed = 1;
        var found = _classes[text[at]];
        return found == Beyond ? LookBeyond(text, at, out consumed) : found;
    }

    private int LookBeyond(ReadOnlySpan<char> text, int at, out int consumed)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out consumed);
        return _classes[RegexText.UnitFor(rune)];
    }
}
