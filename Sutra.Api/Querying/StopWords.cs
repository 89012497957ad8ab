using System.Collections.Frozen;

namespace Sutra.Api.Querying;

/// <summary>Words that say how something is asked, not what.</summary>
internal static class StopWords
{
    private static readonly FrozenSet<string> s_words = """
        a about above after again all also am an and any are as at be because been before being below between both but by can
        could did do does doing down during each few for from further get give had has have having he her here hers him his how i
        if in into is it its itself just let many may me might more most much must my no nor not of off on once only or other our
        out over own please same say shall she should so some such tell than that the their them then there these they this
        those through to too under until up us very was we were what when where which while who whom whose why will with would
        you your yours
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    public static bool Contains(string lowerCaseWord) => s_words.Contains(lowerCaseWord);
}
