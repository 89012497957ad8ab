namespace Sutra.Storage.Associations.Extraction;

/// <summary>What is known by its signs: addresses, handles, tags, dates.</summary>
internal ref partial struct EntityScan
{
    private const int FirstYear = 1000;
    private const int LastYear = 2999;

    private readonly bool StartsPage(int start, int end) =>
        end - start > 4 && _text[start] is 'w' or 'W' && _text[start..end].StartsWith("www.", StringComparison.OrdinalIgnoreCase);

    // False: only words with signs between.
    private readonly bool Special(int from, int to)
    {
        var chunk = _text[from..to];
        var scheme = chunk.IndexOf("://");
        if (scheme > 0 || StartsPage(from, to))
        {
            var address = scheme > 0 ? chunk[(scheme + 3)..] : chunk;
            address = address.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? address[4..] : address;
            address = address.IndexOf('#') is > 0 and var fragment ? address[..fragment] : address;
            _entities.Add(EntityKind.Url, address.TrimEnd('/'));
            return true;
        }

        var at = chunk.IndexOf('@');
        if (at == 0 || chunk[0] == '#')
        {
            var length = 1;
            var letters = 0;
            while (length < chunk.Length && (CharacterClasses.IsAlphanumeric(chunk[length]) || chunk[length] == '_'))
            {
                letters += CharacterClasses.IsDigit(chunk[length]) || chunk[length] == '_' ? 0 : 1;
                length++;
            }

            if (length > 2 && letters > 0)
            {
                _entities.Add(chunk[0] == '#' ? EntityKind.Tag : EntityKind.Handle, chunk[1..length]);
            }

            return true;
        }

        return at > 0 && Email(chunk, at);
    }

    private readonly bool Email(ReadOnlySpan<char> chunk, int at)
    {
        var start = at;
        while (start > 0 && (CharacterClasses.IsAlphanumeric(chunk[start - 1]) || chunk[start - 1] is '.' or '_' or '-' or '+' or '%' or '\''))
        {
            start--;
        }

        var end = at + 1;
        var lastDot = -1;
        while (end < chunk.Length && (CharacterClasses.IsAlphanumeric(chunk[end]) || chunk[end] is '.' or '-'))
        {
            lastDot = chunk[end] == '.' ? end : lastDot;
            end++;
        }

        if (start == at || lastDot <= at + 1 || end - lastDot < 3)
        {
            return false;
        }

        _entities.Add(EntityKind.Email, chunk[start..end]);
        return true;
    }

    // A chunk that begins with a digit: a date, or the year that ends one.
    private readonly void Number(int from, int to)
    {
        var chunk = _text[from..to];
        if (TryYear(chunk, out var year))
        {
            WrittenDate(year);
            return;
        }

        if (!TakeNumber(chunk, out var first, out var firstDigits, out var rest) || rest.Length < 4)
        {
            return;
        }

        var separator = rest[0];
        if (separator is not ('-' or '/' or '.' or '年') || !TakeNumber(rest[1..], out var second, out var secondDigits, out rest) || secondDigits > 2)
        {
            return;
        }

        if (separator == '年')
        {
            if (rest is ['月', ..])
            {
                Date(first, second, TakeNumber(rest[1..], out var day, out _, out var after) && after is ['日', ..] ? day : 0);
            }

            return;
        }

        if (rest.IsEmpty || rest[0] != separator || !TakeNumber(rest[1..], out var third, out var thirdDigits, out rest) || !EndsDate(rest, firstDigits == 4))
        {
            return;
        }

        if (firstDigits == 4 && thirdDigits <= 2)
        {
            Date(first, second, third);
        }
        else if (firstDigits <= 2 && thirdDigits == 4)
        {
            DayAndMonth(chunk[..^rest.Length], separator, first, second, third);
        }
    }

    // 05.01.2024 is the fifth of January; 05/01/2024 is that or the first of May, and stays what it is.
    private readonly void DayAndMonth(ReadOnlySpan<char> written, char separator, int first, int second, int year)
    {
        if (separator != '/' || first > 12 || first == second)
        {
            Date(year, second, first);
        }
        else if (second > 12)
        {
            Date(year, first, second);
        }
        else if (year is >= FirstYear and <= LastYear && first > 0 && second > 0)
        {
            _entities.Add(EntityKind.Date, written);
        }
    }

    // The words before a year: "5 January 2024", "January 5, 2024", "5. Januar 2024", "5 de enero de 2024", "January 2024".
    private readonly void WrittenDate(int year)
    {
        var back = 0;
        var word = WordBefore(back);
        if (KnownWords.JoinsNames(word))
        {
            word = WordBefore(++back);
        }

        if (KnownWords.Month(word) is > 0 and var month)
        {
            var day = WordBefore(back + 1);
            day = KnownWords.JoinsNames(day) ? WordBefore(back + 2) : day;
            Date(year, month, Day(day));
        }
        else if (Day(word) is > 0 and var dayBefore && KnownWords.Month(WordBefore(back + 1)) is > 0 and var monthBefore)
        {
            Date(year, monthBefore, dayBefore);
        }
    }

    private readonly ReadOnlySpan<char> WordBefore(int back) => back > 3 ? default : _text[_before[back].Start.._before[back].End];

    private static int Day(ReadOnlySpan<char> word) =>
        TakeNumber(word, out var day, out var digits, out var rest) && digits <= 2 && (rest is "" or "." or "st" or "nd" or "rd" or "th" or "er" or "º" or "o") ? day : 0;

    private readonly void Date(int year, int month, int day)
    {
        if (year is < FirstYear or > LastYear || month is < 1 or > 12 || day is < 0 or > 31 || (day > 0 && day > DateTime.DaysInMonth(year, month)))
        {
            return;
        }

        Span<char> text = stackalloc char[10];
        var written = day > 0
            ? text.TryWrite(System.Globalization.CultureInfo.InvariantCulture, $"{year:d4}-{month:d2}-{day:d2}", out var length)
            : text.TryWrite(System.Globalization.CultureInfo.InvariantCulture, $"{year:d4}-{month:d2}", out length);
        if (written)
        {
            _entities.Add(EntityKind.Date, text[..length]);
        }
    }

    private static bool TryYear(ReadOnlySpan<char> chunk, out int year) =>
        TakeNumber(chunk, out year, out var digits, out var rest) && digits == 4 && rest.IsEmpty && year is >= FirstYear and <= LastYear;

    // What may follow a date without a space: a time.
    private static bool EndsDate(ReadOnlySpan<char> rest, bool iso) => rest.IsEmpty || (iso && rest[0] is 'T' or 't');

    // At most four digits.
    private static bool TakeNumber(ReadOnlySpan<char> text, out int number, out int digits, out ReadOnlySpan<char> rest)
    {
        (number, digits) = (0, 0);
        while (digits < text.Length && digits < 5 && CharacterClasses.IsDigit(text[digits]))
        {
            number = number * 10 + text[digits++] - '0';
        }

        rest = text[digits..];
        return digits is >= 1 and <= 4;
    }
}
