using System.Collections.Frozen;

namespace Sutra.Api.Understanding;

/// <summary>
/// Finds the noun whose number, amount or value a question asks for, by where it stands: "how many <c>shops</c> did …", "which <c>plants</c> did …", "what was the closing <c>balance</c> of …",
/// "the volume of <c>water</c> …". It matters where nothing explains that noun: then a field that another word of the question speaks of is not what is asked for.
/// </summary>
internal static class AskedThing
{
    private const int LongestPhrase = 4;

    private static readonly FrozenSet<string> s_articles = FrozenSet.Create(StringComparer.Ordinal, "the", "a", "an", "its", "their");

    private static readonly FrozenSet<string> s_prepositions =
        FrozenSet.Create(StringComparer.Ordinal, "of", "for", "at", "in", "on", "from", "to", "by", "with", "during", "over", "per", "that", "which", "who");

    private static readonly FrozenSet<string> s_amounts = FrozenSet.Create(StringComparer.Ordinal, "number", "count", "amount", "quantity", "volume", "total", "sum");

    /// <param name="words">Of the question, in lower case.</param>
    /// <param name="used">What is a mention, a time or a number.</param>
    /// <param name="isVerb">Auxiliaries: a noun phrase ends before them.</param>
    /// <param name="unexplained">What neither fields, values, texts nor the language explain.</param>
    /// <returns>Null: it is explained, or the question does not name it in such a place.</returns>
    public static UnexplainedWord? Find(string[] words, bool[] used, FrozenSet<string> isVerb, IReadOnlyList<UnexplainedWord> unexplained)
    {
        var things = unexplained.Where(word => !word.IsName).ToDictionary(word => word.Place);
        if (things.Count == 0)
        {
            return null;
        }

        for (var i = 0; i + 1 < words.Length; i++)
        {
            var place =
                words[i] == "how" && words[i + 1] is "many" or "much" ? Counted(i + 2, isLast: true)
                : words[i] is "which" or "what" ? Last(i + 1, isVerb.Contains)
                : isVerb.Contains(words[i]) && s_articles.Contains(words[i + 1]) ? Last(i + 2, s_prepositions.Contains)
                : words[i + 1] == "of" && s_amounts.Contains(words[i]) ? Counted(i + 2, isLast: false)
                : -1;
            if (things.TryGetValue(place, out var thing))
            {
                return thing;
            }
        }

        return null;

        // "How many new shops"; "the volume of water sold"; but "how many pieces of Brightmoor" are of what there are records of.
        int Counted(int at, bool isLast)
        {
            while (at < words.Length && !used[at] && !things.ContainsKey(at) && Lexicon.IsNeutral(words[at]) && !isVerb.Contains(words[at]) && !s_articles.Contains(words[at]))
            {
                at++;
            }

            var first = at;
            while (things.ContainsKey(at))
            {
                at++;
            }

            var isOfMention = at + 1 < words.Length && words[at] == "of" && used[at + 1];
            return at == first || isOfMention ? -1 : isLast ? at - 1 : first;
        }

        // The last word of a phrase that ends where it should.
        int Last(int at, Func<string, bool> ends)
        {
            for (var end = at; end < words.Length && end <= at + LongestPhrase && !used[end]; end++)
            {
                if (ends(words[end]))
                {
                    return end - 1;
                }
            }

            return -1;
        }
    }
}
