using System.Buffers.Binary;
using System.Text;

namespace Sutra.Embedder.Tokenization.Normalization;

/// <summary>
/// SentencePiece's <c>precompiled_charsmap</c>: a double array (darts-clone) over UTF-8 that leads to places in a block of
/// texts, each ended by a NUL.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly string?[] _texts;

    /// <exception cref="FormatException">The bytes are not such a map.</exception>
    public CharacterMap(byte[] bytes)
    {
        var size = bytes.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size < 4 || size % 4 != 0 || size > bytes.Length - 4)
        {
            throw new FormatException("its precompiled_charsmap does not hold the trie that it promises.");
        }

        _units = new uint[size / 4];
        for (var i = 0; i < _units.Length; i++)
        {
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 + (i * 4)));
        }

        _texts = ReadTexts(bytes.AsSpan(4 + (int)size));
        CheckNodes();
    }

    /// <summary>What <paramref name="key"/> becomes: what the shortest part that it begins with becomes. Null: the map lacks it.</summary>
    /// <param name="key">UTF-8.</param>
    public string? Find(ReadOnlySpan<byte> key)
    {
        var position = Offset(_units[0]);
        foreach (var label in key)
        {
            position ^= label;
            var unit = position < _units.Length ? _units[position] : 0;
            if (label == 0 || Label(unit) != label)
            {
                return null;
            }

            position ^= Offset(unit);
            if (HasLeaf(unit))
            {
                return _texts[_units[position] & 0x7FFFFFFF];
            }
        }

        return null;
    }

    private static bool HasLeaf(uint unit) => ((unit >> 8) & 1) == 1;

    private static uint Label(uint unit) => unit & 0x800000FF;

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1 << 9)) >> 6);

    // Texts may begin anywhere, even within another: the reference reads on to the next NUL.
    private static string?[] ReadTexts(ReadOnlySpan<byte> block)
    {
        var decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        var texts = new string?[block.Length + 1];
        try
        {
            for (var start = 0; start < block.Length;)
            {
                var length = block[start..].IndexOf((byte)0);
                length = length < 0 ? block.Length - start : length;
                if (length > 1024)
                {
                    throw new FormatException("its precompiled_charsmap has a text of more than 1024 bytes.");
                }

                for (var i = 0; i <= length && start + i < block.Length; i++)
                {
                    if (i == length || (block[start + i] & 0xC0) != 0x80)
                    {
                        texts[start + i] = decoder.GetString(block.Slice(start + i, length - i));
                    }
                }

                start += length + 1;
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("its precompiled_charsmap has a text that is not UTF-8.", e);
        }

        texts[block.Length] = "";
        return texts;
    }

    // So that no text can lead outside the arrays.
    private void CheckNodes()
    {
        var seen = new bool[_units.Length];
        var waiting = new Stack<uint>();
        waiting.Push(Offset(_units[0]));
        while (waiting.TryPop(out var node))
        {
            for (uint label = 1; label < 256; label++)
            {
                var at = node ^ label;
                if (at >= _units.Length || Label(_units[at]) != label || seen[at])
                {
                    continue;
                }

                seen[at] = true;
                var child = at ^ Offset(_units[at]);
                if (HasLeaf(_units[at]) && (child >= _units.Length || (_units[child] & 0x7FFFFFFF) >= _texts.Length || _texts[_units[child] & 0x7FFFFFFF] is null))
                {
                    throw new FormatException("its precompiled_charsmap leads outside itself.");
                }

                waiting.Push(child);
            }
        }
    }
}
