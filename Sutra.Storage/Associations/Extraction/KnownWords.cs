namespace Sutra.Storage.Associations.Extraction;

/// <summary>
/// The few words that the rules have to know, of English, German, French, Spanish, Italian, Portuguese and Dutch: names of months and days,
/// words that begin sentences, words inside of names, titles whose dot ends nothing.
/// </summary>
internal static class KnownWords
{
    private const int Longest = 12;
    private const int Slots = 2048;
    private const int MonthMask = 15;
    private const int Day = 16;
    private const int Starter = 32;
    private const int Particle = 64;
    private const int Title = 128;

    private const string Days =
        "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi "
        + "dimanche lunes martes miércoles jueves viernes sábado domingo";

    private const string Starters =
        "a an the this that these those it its he she they we you i his her their our my your there here in on at by for from to of with without within after before since until "
        + "during under over between among against about into through as and or but nor so yet if when while where who what which why how because although though however "
        + "moreover meanwhile then also not no yes all any some many most more each every both few several such other another one two three "
        + "der die das den dem des ein eine einen einem einer er sie es wir ihr ich in im am um an auf aus bei mit nach von vor zu zum zur und oder aber wenn als wie wo wer was nicht "
        + "auch noch nur seit für über unter dieser diese dieses le la les l un une des du de au aux en dans sur sous avec sans pour par et ou mais si il elle ils elles nous vous on ce cet "
        + "cette ces el los las una unos unas del al con sin por para y o pero si él ella su sus este esta estos estas il lo gli i uno di da nel nella con per ma e se "
        + "os as um uma do dos das no na nos nas em com sem het een van op met voor maar dat dit deze die wij zij hij ook";

    private const string Particles = "of de da do di du des del della der den dem van von zu la le el al bin ibn ben &";
    private const string Titles = "dr mr mrs ms st prof gen sen rep lt col sgt sr jr no vs hr fr mme m mlle sra d";

    private static readonly string[] Months =
    [
        "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
        "february feb februar février févr febrero febbraio fevereiro februari",
        "march mar märz mars marzo março maart",
        "april apr avril avr abril abr aprile",
        "may mai mayo maggio maio mei",
        "june jun juni juin junio giugno junho",
        "july jul juli juillet juil julio luglio julho",
        "august aug août agosto ago augustus",
        "september sep sept septembre septiembre settembre setembro",
        "october oct oktober okt octobre octubre ottobre outubro",
        "november nov novembre noviembre novembro",
        "december dec dezember dez décembre déc diciembre dic dicembre dezembro",
    ];

    // An open hash table: looked into for every capitalised word.
    private static readonly (string Word, int What)[] Table = Build();

    /// <summary>1 to 12, or 0 if it is none.</summary>
    public static int Month(ReadOnlySpan<char> word) => What(word.TrimEnd('.')) & MonthMask;

    /// <summary>Of a month or a weekday.</summary>
    public static bool IsCalendar(ReadOnlySpan<char> word) => (What(word) & (MonthMask | Day)) != 0;

    public static bool BeginsSentences(ReadOnlySpan<char> word) => (What(word) & Starter) != 0;

    public static bool JoinsNames(ReadOnlySpan<char> word) => word.Length <= 5 && (What(word) & Particle) != 0;

    public static bool IsTitle(ReadOnlySpan<char> word) => word.Length <= 5 && (What(word) & Title) != 0;

    private static int What(ReadOnlySpan<char> word)
    {
        if (word.Length is 0 or > Longest)
        {
            return 0;
        }

        Span<char> lower = stackalloc char[Longest];
        for (var i = 0; i < word.Length; i++)
        {
            lower[i] = char.ToLowerInvariant(word[i]);
        }

        lower = lower[..word.Length];
        return Table[Probe(Table, lower)].What;
    }

    // Where the word is, or would be.
    private static int Probe((string Word, int What)[] table, ReadOnlySpan<char> lower)
    {
        var hash = 0x811C9DC5;
        foreach (var c in lower)
        {
            hash = (hash ^ c) * 0x01000193;
        }

        var slot = (int)((hash ^ (hash >> 15)) & (Slots - 1));
        while (table[slot].Word is { } there && !lower.SequenceEqual(there))
        {
            slot = (slot + 1) & (Slots - 1);
        }

        return slot;
    }

    private static (string Word, int What)[] Build()
    {
        var table = new (string Word, int What)[Slots];
        Add(Days, Day);
        Add(Starters, Starter);
        Add(Particles, Particle);
        Add(Titles, Title);
        for (var month = 0; month < Months.Length; month++)
        {
            Add(Months[month], month + 1);
        }

        return table;

        void Add(string words, int what)
        {
            foreach (var word in words.Split(' '))
            {
                var slot = Probe(table, word);
                table[slot] = (word, table[slot].What | ((table[slot].What & what & MonthMask) == 0 ? what : 0));
            }
        }
    }
}
