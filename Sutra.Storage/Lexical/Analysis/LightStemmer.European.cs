namespace Sutra.Storage.Lexical.Analysis;

/// <content>The languages whose stemmers are lists of endings.</content>
internal static partial class LightStemmer
{
    private static int German(Span<byte> word)
    {
        var length = FoldUmlauts(word);
        word = word[..length];
        if (Ends(word, "ern"u8, 6))
        {
            word = word[..^3];
        }
        else if (word.Length > 4 && word[^2] == 'e' && "mnrs"u8.Contains(word[^1]))
        {
            word = word[..^2];
        }
        else if (word.Length > 3 && (word[^1] == 'e' || (word[^1] == 's' && IsGermanEnding(word[^2]))))
        {
            word = word[..^1];
        }

        if (Ends(word, "est"u8, 6))
        {
            return word.Length - 3;
        }

        return word.Length > 4 && (word.EndsWith("er"u8) || word.EndsWith("en"u8) || (word.EndsWith("st"u8) && IsGermanEnding(word[^3]))) ? word.Length - 2 : word.Length;
    }

    // "Mueller" as "Müller", which has become "muller".
    private static int FoldUmlauts(Span<byte> word)
    {
        var to = 0;
        for (var from = 0; from < word.Length; from++)
        {
            var c = word[from];
            word[to++] = c;
            var umlaut = from + 2 < word.Length && word[from + 1] == 'e' && "aou"u8.Contains(c);
            if (umlaut && (from == 0 || (!IsVowel(word[from - 1]) && word[from - 1] != 'q')))
            {
                from++;
            }
        }

        return to;
    }

    private static bool IsGermanEnding(byte c) => "bdfghklmnt"u8.Contains(c);

    private static int French(Span<byte> word)
    {
        if (word.Length < 5)
        {
            return word.Length > 3 && "sx"u8.Contains(word[^1]) ? word.Length - 1 : word.Length;
        }

        if (word.EndsWith("aux"u8) && word[^4] != 'e')
        {
            word[^2] = (byte)'l';
            word = word[..^1];
        }
        else if (word[^1] is (byte)'s' or (byte)'x')
        {
            word = word[..^1];
        }

        if (Ends(word, "issement"u8, 10))
        {
            word = word[..^7];
        }
        else if (Ends(word, "issant"u8, 9))
        {
            word = word[..^5];
        }
        else if (Ends(word, "ement"u8, 8))
        {
            word = word[..^5];
        }

        if (word.Length > 4 && word[^1] == 'r')
        {
            word = word[..^1];
        }

        while (word.Length > 3 && word[^1] == 'e')
        {
            word = word[..^1];
        }

        return word.Length > 4 && EndsDouble(word) ? word.Length - 1 : word.Length;
    }

    private static int Spanish(Span<byte> word)
    {
        if (word.Length < 5)
        {
            return word.Length == 4 && word[^1] == 's' && IsVowel(word[^2]) ? 3 : word.Length;
        }

        switch (word[^1])
        {
            case (byte)'o' or (byte)'a' or (byte)'e':
                return word.Length - 1;
            case (byte)'s' when word.EndsWith("eses"u8):
                return word.Length - 2;
            case (byte)'s' when word.EndsWith("ces"u8):
                word[^3] = (byte)'z';
                return word.Length - 2;
            case (byte)'s' when word[^2] is (byte)'o' or (byte)'a' or (byte)'e':
                return word.Length - 2;
            default:
                return word.Length;
        }
    }

    private static int Italian(Span<byte> word)
    {
        if (word.Length < 5)
        {
            return word.Length;
        }

        switch (word[^1])
        {
            case (byte)'e' or (byte)'i':
                return word[^2] is (byte)'i' or (byte)'h' ? word.Length - 2 : word.Length - 1;
            case (byte)'a' or (byte)'o':
                return word[^2] == 'i' ? word.Length - 2 : word.Length - 1;
            default:
                return word.Length;
        }
    }

    private static int Portuguese(Span<byte> word)
    {
        if (word.Length < 4)
        {
            return word.Length;
        }

        if (word[^1] == 's')
        {
            word = PortuguesePlural(word);
        }

        return word.Length > 3 && "aeo"u8.Contains(word[^1]) ? word.Length - 1 : word.Length;
    }

    private static Span<byte> PortuguesePlural(Span<byte> word)
    {
        // Accents are gone: "ões", "ães" and "ãos" are -oes, -aes, -aos, and all come from -ão, which is -ao.
        if (Ends(word, "oes"u8, 5) || Ends(word, "aes"u8, 5))
        {
            (word[^3], word[^2]) = ((byte)'a', (byte)'o');
            return word[..^1];
        }

        if (word.EndsWith("ns"u8))
        {
            word[^2] = (byte)'m';
            return word[..^1];
        }

        if (Ends(word, "ais"u8, 5) || Ends(word, "eis"u8, 5) || Ends(word, "ois"u8, 5))
        {
            word[^2] = (byte)'l';
            return word[..^1];
        }

        if (Ends(word, "is"u8, 5))
        {
            word[^1] = (byte)'l';
            return word;
        }

        return Ends(word, "res"u8, 5) || Ends(word, "les"u8, 5) ? word[..^2] : word[..^1];
    }

    private static int Dutch(Span<byte> word)
    {
        if (word.Length < 4)
        {
            return word.Length;
        }

        if (Ends(word, "heden"u8, 7))
        {
            // "mogelijkheden" has -heid in the singular.
            "heid"u8.CopyTo(word[^5..]);
            return word.Length - 1;
        }

        if (word.Length > 4 && word.EndsWith("en"u8) && !IsVowel(word[^3]))
        {
            word = word[..^2];
        }
        else if (word.Length > 3 && (word[^1] == 'e' || (word[^1] == 's' && word[^2] != 's')) && !IsVowel(word[^2]))
        {
            word = word[..^1];
        }

        if (word.Length > 3 && EndsDouble(word) && !IsVowel(word[^1]))
        {
            word = word[..^1];
        }

        // "maan", "manen": the plural has one vowel.
        if (word.Length > 3 && !IsVowel(word[^1]) && word[^2] == word[^3] && IsVowel(word[^2]) && word[^2] != 'i')
        {
            word[^2] = word[^1];
            word = word[..^1];
        }

        if (word.Length > 3)
        {
            word[^1] = word[^1] switch { (byte)'v' => (byte)'f', (byte)'z' => (byte)'s', _ => word[^1] };
        }

        return word.Length;
    }
}
