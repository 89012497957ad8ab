using System.Collections.Frozen;
using Sutra.Api.Querying;

namespace Sutra.Api.Understanding;

/// <summary>What a word asks to be done with values.</summary>
[Flags]
internal enum Cue
{
    None = 0,
    Maximum = 1,
    Minimum = 2,
    Average = 4,
    Sum = 8,
    Count = 16,
    Rise = 32,
    Fall = 64,

    /// <summary>A change whose direction is left open.</summary>
    Change = 128,

    /// <summary>Of two: higher, more, than.</summary>
    More = 256,
    Less = 512,
    Compare = 1024,

    /// <summary>The latest there is.</summary>
    Latest = 2048,
    Earliest = 4096,

    /// <summary>Asks for a reason.</summary>
    Why = 8192,
}

/// <summary>General English: words that mean the same, words that say what to do, and words that say nothing about what is asked.</summary>
internal static class Lexicon
{
    /// <summary>Words that may stand for each other; the first is the name of the sense. None of it is about one kind of data.</summary>
    private const string Senses = """
        high top peak maximum max upper ceiling summit
        low bottom minimum min floor trough
        open opening opened opener start started starting begin began begun beginning commence commenced first initial initially
        close closing closed closes end ended ending finish finished finishing final finally settle settled settlement last
        volume quantity turnover amount busy busier busiest active quiet quietest
        price cost quote quoted quotation worth rate charge fee cheap cheaper cheapest expensive dear dearer dearest costly costliest
        size dimension big large
        number count
        name title call called
        person people who author writer owner creator
        place where location city town site
        country nation state
        day date daily
        duration length time long
        height tall taller tallest elevation altitude
        weight heavy heavier heaviest lightest mass
        speed fast faster fastest slow slower slowest velocity pace
        distance far
        temperature warm hot cold heat warmer warmest hotter hottest colder coldest
        rain rainfall precipitation wet wetter wettest drier driest
        population inhabitants people residents
        income earnings profit gain
        revenue sales turnover takings
        company firm business corporation enterprise organisation organization issuer
        product item article good
        customer client buyer
        category kind type class sort group
        score rating grade mark points
        symbol ticker abbreviation code identifier
        salary wage pay
        age old older oldest young younger youngest years
        team club side
        """;

    private const string Maxima = "highest most greatest biggest largest maximum max peak peaked top topped best record longest tallest heaviest fastest hottest warmest wettest oldest strongest richest dearest costliest busiest";
    private const string Minima = "lowest least smallest minimum min bottom bottomed worst fewest weakest cheapest shortest lightest slowest coldest driest youngest poorest quietest trough";
    private const string Averages = "average averages averaged mean averagely typical typically";
    private const string Sums = "total totals totalled totaled sum altogether combined cumulative cumulatively overall";
    private const string Rises = "rise rises rose risen rising increase increases increased increasing gain gains gained gaining grow grows grew grown growing climb climbs climbed climbing advance advanced advancing up upward upwards rally rallied appreciate appreciated soar soared jump jumped improve improved strengthen strengthened";
    private const string Falls = "fall falls fell fallen falling drop drops dropped dropping decline declines declined declining decrease decreases decreased decreasing lose loses lost losing down downward downwards sink sank sunk slide slid shrink shrank depreciate depreciated plunge plunged dip dipped weaken weakened slip slipped worsen worsened";
    private const string Changes = "change changes changed changing move moves moved moving movement develop develops developed developing development trend trends trended trending perform performs performed performing performance direction evolve evolved evolution course trajectory fare fared progress progressed progression fluctuate fluctuated go went fortunes";
    private const string Mores = "higher more greater bigger larger better above exceed exceeds exceeded beat beats outperform outperformed stronger heavier longer taller faster busier warmer older dearer";
    private const string Lesses = "lower less fewer smaller worse below underperform underperformed weaker lighter shorter slower cheaper quieter colder younger";
    private const string Compares = "compare compared compares comparing comparison versus vs than differ differs difference ahead";
    private const string Latests = "latest newest current currently recent recently now";
    private const string Earliests = "earliest oldest";
    private const string Whys = "why reason reasons cause causes caused because";

    /// <summary>Says how something is asked or is there in any question about records; beside <see cref="StopWords"/>.</summary>
    private const string Neutral = """
        tell show give find know need want like see look looking say said saying state stated report reported reports record recorded records according
        please could anyone someone somebody something anything thing things value values figure figures level levels number numbers amount amounts point
        exactly precisely roughly approximately about around precise exact actual actually data information info detail details entry database memory listed
        list name named answer question help curious wondering wonder remember recall remind mean
        come came coming reach reached reaches reaching hit hits see saw seen stand stood standing make made register registered mark marked post posted
        happen happened happens take took taken put set get got gotten turn turned become became be been being use used using have end ended up
        day days date dates week weeks month months quarter quarters year years time times period span course throughout during within over across
        monday tuesday wednesday thursday friday saturday sunday weekday half
        one two three both either each every any all other another single whole entire full
        compare compared versus vs between among amongst respectively regarding concerning respect terms
        what's whats was were did does do done is are am will would shall
        there here that this these those it its they them their
        word words describe described explain summarise summarize sum give brief short sentence summary overview
        hand hands heavily strongly highly nearly almost just only even still really quite very too also
        many much far long often well good particular specific specifically certain given
        go gone went going per by via off let lets know me my i'd i'm i we our us you your way
        """;

    private static readonly FrozenDictionary<string, string[]> s_senses = ReadSenses();
    private static readonly FrozenDictionary<string, Cue> s_cues = ReadCues();
    private static readonly FrozenSet<string> s_neutral = Neutral.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(word => new[] { word, Stemmer.Stem(word) }).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Of a word in lower case: the names of its senses, perhaps none.</summary>
    public static IReadOnlyList<string> SensesOf(string word) =>
        s_senses.TryGetValue(word, out var senses) || s_senses.TryGetValue(Stemmer.Stem(word), out senses) ? senses : [];

    public static Cue CueOf(string word) => s_cues.GetValueOrDefault(word);

    /// <summary>Says nothing of what is asked for.</summary>
    public static bool IsNeutral(string word) => StopWords.Contains(word) || s_neutral.Contains(word) || s_neutral.Contains(Stemmer.Stem(word));

    private static FrozenDictionary<string, string[]> ReadSenses()
    {
        var senses = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var line in Senses.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            foreach (var word in words.SelectMany(word => new[] { word, Stemmer.Stem(word) }).Distinct(StringComparer.Ordinal))
            {
                if (!senses.TryGetValue(word, out var known))
                {
                    senses[word] = known = [];
                }

                known.Add(words[0]);
            }
        }

        return senses.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, Cue> ReadCues()
    {
        var cues = new Dictionary<string, Cue>(StringComparer.Ordinal);
        foreach (var (words, cue) in new[]
        {
            (Maxima, Cue.Maximum), (Minima, Cue.Minimum), (Averages, Cue.Average), (Sums, Cue.Sum), (Rises, Cue.Rise), (Falls, Cue.Fall), (Changes, Cue.Change),
            (Mores, Cue.More), (Lesses, Cue.Less), (Compares, Cue.Compare), (Latests, Cue.Latest), (Earliests, Cue.Earliest), (Whys, Cue.Why),
        })
        {
            foreach (var word in words.Split(' '))
            {
                cues[word] = cues.GetValueOrDefault(word) | cue;
            }
        }

        return cues.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
