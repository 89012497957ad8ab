using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Sutra.Models.Train.Extraction;

/// <summary>What a heading is worth as an anchor.</summary>
internal static partial class Headings
{
    private static readonly FrozenSet<string> Generic = Words(
        "about|abstract|additional information|advanced|advantages|best practices|cases|cons|disadvantages|do|do's|don't|don’t|impact|pros|"
        + "answer|answers|api|applies to|arguments|at a glance|background|basics|benefits|body|case study|"
        + "caution|cause|causes|caveats|code|comments|compatibility|conclusion|conclusions|concepts|configuration|constructors|context|data|default|"
        + "definition|definitions|demo|description|design|detail|details|discussion|drawbacks|errors|events|example|example output|examples|exceptions|"
        + "exercise|exercises|explanation|faq|features|fields|format|formula|frequently asked questions|functions|general|general information|"
        + "get started|getting started|goals|guidelines|history|how it works|how to use|implementation|important|in general|in practice|input|inputs|"
        + "installation|instructions|intro|introduction|issue|issues|key concepts|known issues|learning objectives|limitations|main|members|methods|"
        + "more|more information|motivation|name|note|notes|objective|objectives|operators|options|other|output|outputs|overview|parameters|permissions|"
        + "prerequisites|problem|problems|procedure|properties|purpose|quick start|quickstart|rationale|recommendation|recommendations|reference|remark|"
        + "remarks|request|required permissions|requirements|resolution|response|result|results|return|return value|return values|returns|rule|rules|"
        + "sample|samples|scope|security|security considerations|settings|setup|solution|solutions|specification|status|step|steps|structure|summary|"
        + "support|symptom|symptoms|syntax|task|test|tests|tip|tips|troubleshooting|type|types|usage|use|use cases|value|values|variables|version|"
        + "versions|warning|warnings|what is it|when to use|why|workaround");

    private static readonly FrozenSet<string> Navigation = Words(
        "attribution|acknowledgements|acknowledgments|bibliography|change history|change log|changelog|contact|contents|contributing|contributors|copyright|credits|"
        + "external links|feedback|further information|further reading|in this article|in this section|learn more|licence|license|links|next|next step|"
        + "next steps|on this page|references|related|related articles|related content|related information|related links|related topics|resources|"
        + "revision history|see also|share|sources|table of contents|toc|what's next|what’s next");

    /// <summary>Without a leading section number and a trailing colon or mark of a link to itself.</summary>
    public static string Text(string heading) => Number().Replace(heading, "").TrimEnd(':', '#', '¶', ' ');

    public static bool IsQuestion(string heading) => heading.EndsWith('?');

    /// <summary>True when it says too little alone: "Remarks", "Step 2".</summary>
    public static bool IsGeneric(string heading) =>
        !IsQuestion(heading) && (Generic.Contains(heading) || Numbered().IsMatch(heading) || heading.Count(char.IsLetter) < 3);

    /// <summary>True when what follows leads away from the page.</summary>
    public static bool IsNavigation(string heading) => Navigation.Contains(heading);

    private static FrozenSet<string> Words(string words) => words.Split('|').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex(@"^(\d{1,3}(\.\d{1,3})+\.?|\d{1,3}[.)])\s+", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Number();

    [GeneratedRegex(@"^(appendix|case|chapter|example|exercise|figure|lesson|method|option|part|phase|problem|question|section|step|table|task|unit|version)\s+([\d.]+|[a-z]|[ivx]+)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Numbered();
}
