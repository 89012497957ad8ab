using System.Buffers;
using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Normalization;

/// <summary>A step that looks at one character after the other; in place as long as none changes its length.</summary>
internal abstract class RuneNormalizer : Normalizer
{
    /// <summary>Most UTF-16 units that one character becomes.</summary>
    protected const int MaxLength = 4;

    public sealed override void Normalise(Workspace workspace)
    {
        var (source, target) = (workspace.Text, workspace.SpareText);
        var chars = source.InPlace;
        Span<char> mapped = stackalloc char[MaxLength];
        var begun = false;
        for (var i = 0; i < chars.Length;)
        {
            var next = i + Pass(chars[i..]);
            if (begun)
            {
                target.Append(source, i, next - i);
            }

            i = next;
            if (i == chars.Length)
            {
                break;
            }

            Rune.DecodeFromUtf16(chars[i..], out var rune, out var consumed);
            var length = Map(rune, mapped);
            if (!begun && length == consumed)
            {
                mapped[..length].CopyTo(chars[i..]);
            }
            else
            {
                if (!begun)
                {
                    target.Clear(source.Tracks);
                    target.Append(source, 0, i);
                    begun = true;
                }

                target.Append(mapped[..length], source, i, i + consumed - 1);
            }

            i += consumed;
        }

        if (begun)
        {
            workspace.SwapText();
        }
    }

    /// <summary>Characters between these two stay as they are.</summary>
    protected abstract (char First, char Last) Kept { get; }

    /// <summary>Passes over what stays, or changes unit by unit; returns where the first character is that must be looked at.</summary>
    protected virtual int Pass(Span<char> text)
    {
        var (first, last) = Kept;
        var at = text.IndexOfAnyExceptInRange(first, last);
        return at < 0 ? text.Length : at;
    }

    /// <summary>Writes what <paramref name="rune"/> becomes; returns how much.</summary>
    protected abstract int Map(Rune rune, Span<char> target);
}

/// <summary>Lowercase: character by character, as Unicode's unconditional mappings say.</summary>
internal sealed class LowercaseNormalizer : RuneNormalizer
{
    protected override (char First, char Last) Kept => ('a', 'z');

    protected override int Pass(Span<char> text)
    {
        Ascii.ToLowerInPlace(text, out var done);
        return done;
    }

    protected override int Map(Rune rune, Span<char> target) => RustUnicode.ToLower(rune, target);
}

/// <summary>Drops the characters that <paramref name="drops"/> names: StripAccents, and the accents of a BertNormalizer.</summary>
internal sealed class FilterNormalizer(Func<Rune, bool> drops) : RuneNormalizer
{
    protected override (char First, char Last) Kept => ('\0', '\u02FF');

    protected override int Map(Rune rune, Span<char> target) => drops(rune) ? 0 : rune.EncodeToUtf16(target);
}

/// <summary>BertNormalizer's cleaning: control characters go, and every white space becomes a space.</summary>
internal sealed class BertCleaning : RuneNormalizer
{
    protected override (char First, char Last) Kept => (' ', '~');

    protected override int Map(Rune rune, Span<char> target)
    {
        if (rune.Value is 0 or 0xFFFD || RustUnicode.IsControl(rune))
        {
            return 0;
        }

        return (RustUnicode.IsWhiteSpace(rune) ? new Rune(' ') : rune).EncodeToUtf16(target);
    }
}

/// <summary>BertNormalizer's spaces around ideographs.</summary>
internal sealed class IdeographSpacing : RuneNormalizer
{
    protected override (char First, char Last) Kept => ('\0', '\u33FF');

    protected override int Map(Rune rune, Span<char> target)
    {
        if (!BertCharacters.IsIdeograph(rune.Value))
        {
            return rune.EncodeToUtf16(target);
        }

        target[0] = ' ';
        var length = 1 + rune.EncodeToUtf16(target[1..]);
        target[length] = ' ';
        return length + 1;
    }
}

/// <summary>Nmt: what machine translation models drop, and what they take for a space.</summary>
internal sealed class NmtNormalizer : RuneNormalizer
{
    protected override (char First, char Last) Kept => (' ', '~');

    protected override int Map(Rune rune, Span<char> target) => rune.Value switch
    {
        (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F => 0,
        0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD
            => new Rune(' ').EncodeToUtf16(target),
        _ => rune.EncodeToUtf16(target),
    };
}
