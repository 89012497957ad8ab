using System.Globalization;
using System.Text;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>The tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, which stand for the bytes of what a vocabulary lacks.</summary>
internal sealed class ByteTokens
{
    private readonly int[] _ids = new int[256];

    public ByteTokens(IReadOnlyDictionary<string, int> vocabulary)
    {
        for (var value = 0; value < 256; value++)
        {
            _ids[value] = vocabulary.TryGetValue(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), out var id) ? id : -1;
        }
    }

    /// <summary>Writes the ids of all bytes of <paramref name="text"/>; false when the vocabulary lacks one of them.</summary>
    public bool TryEncode(ReadOnlySpan<char> text, TokenBuffer tokens)
    {
        var before = tokens.Count;
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
            {
                if (_ids[value] < 0)
                {
                    tokens.CutTo(before);
                    return false;
                }

                tokens.Add(_ids[value]);
            }
        }

        return true;
    }

    public bool Has(ReadOnlySpan<byte> values)
    {
        foreach (var value in values)
        {
            if (_ids[value] < 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The id of a byte's token, or -1.</summary>
    public int this[byte value] => _ids[value];
}
