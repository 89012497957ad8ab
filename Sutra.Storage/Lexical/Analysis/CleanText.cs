using System.Buffers;
using System.Text;

namespace Sutra.Storage.Lexical.Analysis;

/// <summary>
/// A text in Unicode normalisation form KC, without halves of surrogate pairs. Most texts are that already and are not copied; for the
/// others a buffer is rented. Dispose it once.
/// </summary>
internal ref struct CleanText
{
    private const char Replacement = '\uFFFD';

    private char[]? _rented;

    public CleanText(ReadOnlySpan<char> text)
    {
        Span = text;
        if (Ascii.IsValid(text))
        {
            return;
        }

        if (HasLoneSurrogate(text))
        {
            var copy = ArrayPool<char>.Shared.Rent(text.Length);
            text.CopyTo(copy);
            ReplaceLoneSurrogates(copy.AsSpan(0, text.Length));
            Take(copy, text.Length);
        }

        try
        {
            Normalise();
        }
        catch (ArgumentException)
        {
            // Noncharacters are refused on some systems. Such a text is taken as it is.
        }
    }

    public ReadOnlySpan<char> Span { get; private set; }

    public void Dispose() => Take(null, 0);

    private void Normalise()
    {
        if (Span.IsNormalized(NormalizationForm.FormKC))
        {
            return;
        }

        // The longest expansion is one character to 18 (U+FDFA).
        for (var size = Span.Length + Span.Length / 4 + 64; ; size *= 2)
        {
            var buffer = ArrayPool<char>.Shared.Rent(size);
            if (Span.TryNormalize(buffer, out var length, NormalizationForm.FormKC))
            {
                Take(buffer, length);
                return;
            }

            ArrayPool<char>.Shared.Return(buffer);
            if (size / 32 > Span.Length)
            {
                return;
            }
        }
    }

    private void Take(char[]? buffer, int length)
    {
        if (_rented is not null)
        {
            ArrayPool<char>.Shared.Return(_rented);
        }

        _rented = buffer;
        Span = buffer.AsSpan(0, length);
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var at)
        {
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return true;
            }

            text = text[(at + 2)..];
        }

        return false;
    }

    private static void ReplaceLoneSurrogates(Span<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                {
                    i++;
                }
                else
                {
                    text[i] = Replacement;
                }
            }
        }
    }
}
