using System.Runtime.CompilerServices;
using System.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>Classes of characters, kept page by page for the basic plane.</summary>
internal sealed class CharacterTable(Func<Rune, CharacterClass> classify)
{
    private readonly CharacterClass[]?[] _pages = new CharacterClass[]?[256];

    /// <summary>The class of the character at <paramref name="at"/>, which has <paramref name="consumed"/> UTF-16 units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CharacterClass Look(ReadOnlySpan<char> text, int at, out int consumed)
    {
        var character = text[at];
        consumed = 1;
        return char.IsSurrogate(character)
            ? LookBeyond(text, at, out consumed)
            : (_pages[character >> 8] ?? MakePage(character >> 8))[character & 0xFF];
    }

    private CharacterClass LookBeyond(ReadOnlySpan<char> text, int at, out int consumed)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out consumed);
        return classify(rune);
    }

    private CharacterClass[] MakePage(int number)
    {
        var page = new CharacterClass[256];
        for (var i = 0; i < page.Length; i++)
        {
            page[i] = Rune.TryCreate((char)((number << 8) + i), out var rune) ? classify(rune) : CharacterClass.None;
        }

        return _pages[number] = page;
    }
}
