namespace Sutra.Storage.Lexical.Analysis;

/// <content>Porter's consonants, measure and step 1, and step 5.</content>
internal static partial class LightStemmer
{
    private static int English(Span<byte> word)
    {
        word = Plural(word);
        word = PastAndParticiple(word);
        if (word.Length > 2 && word[^1] == 'y' && HasVowel(word[..^1]))
        {
            word[^1] = (byte)'i';
        }

        if (word[^1] == 'e')
        {
            var measure = Measure(word[..^1]);
            if (measure > 1 || (measure == 1 && !EndsShort(word[..^1])))
            {
                word = word[..^1];
            }
        }

        return EndsDouble(word) && word[^1] == 'l' && Measure(word[..^1]) > 1 ? word.Length - 1 : word.Length;
    }

    private static Span<byte> Plural(Span<byte> word)
    {
        if (word[^1] != 's')
        {
            return word;
        }

        if (word.EndsWith("sses"u8))
        {
            return word[..^2];
        }

        // Porter takes "ties" to "ti" and "tie" stays; a word of four letters keeps its e here.
        if (word.EndsWith("ies"u8))
        {
            return word.Length > 4 ? word[..^2] : word[..^1];
        }

        return word[^2] is (byte)'s' or (byte)'u' || word.Length < 4 ? word : word[..^1];
    }

    private static Span<byte> PastAndParticiple(Span<byte> word)
    {
        if (word.EndsWith("eed"u8))
        {
            return Measure(word[..^3]) > 0 ? word[..^1] : word;
        }

        var ending = word.EndsWith("ed"u8) ? 2 : word.EndsWith("ing"u8) ? 3 : 0;
        if (ending == 0 || !HasVowel(word[..^ending]))
        {
            return word;
        }

        var stem = word[..^ending];
        if (stem.EndsWith("at"u8) || stem.EndsWith("bl"u8) || stem.EndsWith("iz"u8) || (Measure(stem) == 1 && EndsShort(stem)))
        {
            stem = word[..(stem.Length + 1)];
            stem[^1] = (byte)'e';
            return stem;
        }

        return EndsDouble(stem) && IsConsonant(stem, stem.Length - 1) && stem[^1] is not ((byte)'l' or (byte)'s' or (byte)'z') ? stem[..^1] : stem;
    }

    private static bool IsConsonant(ReadOnlySpan<byte> word, int at) =>
        word[at] == 'y' ? at == 0 || !IsConsonant(word, at - 1) : !IsVowel(word[at]);

    private static bool HasVowel(ReadOnlySpan<byte> word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!IsConsonant(word, i))
            {
                return true;
            }
        }

        return false;
    }

    // m of [C](VC)^m[V].
    private static int Measure(ReadOnlySpan<byte> word)
    {
        var (measure, vowel) = (0, false);
        for (var i = 0; i < word.Length; i++)
        {
            var consonant = IsConsonant(word, i);
            measure += consonant && vowel ? 1 : 0;
            vowel = !consonant;
        }

        return measure;
    }

    // *o: consonant, vowel, consonant other than w, x, y.
    private static bool EndsShort(ReadOnlySpan<byte> word) =>
        word.Length > 2 && IsConsonant(word, word.Length - 3) && !IsConsonant(word, word.Length - 2) && IsConsonant(word, word.Length - 1)
        && word[^1] is not ((byte)'w' or (byte)'x' or (byte)'y');
}
