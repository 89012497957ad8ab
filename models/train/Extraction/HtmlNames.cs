using System.Collections.Frozen;
using AngleSharp.Dom;

namespace Sutra.Models.Train.Extraction;

/// <summary>Which elements begin a new paragraph, and which have no text for people.</summary>
internal static class HtmlNames
{
    private static readonly FrozenSet<string> Blocks = new[]
    {
        "address", "article", "blockquote", "body", "caption", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "li", "main", "menu", "ol", "p", "section", "summary",
        "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> LeftOut = new[]
    {
        "aside", "audio", "button", "canvas", "footer", "form", "head", "iframe", "input", "math", "nav", "noscript", "object", "pre", "script",
        "select", "style", "svg", "template", "textarea", "video",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> LeftOutRoles = new[] { "navigation", "banner", "contentinfo", "search", "complementary" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsBlock(string name) => Blocks.Contains(name);

    public static bool IsLeftOut(IElement element) =>
        LeftOut.Contains(element.LocalName)
        || element.HasAttribute("hidden")
        || string.Equals(element.GetAttribute("aria-hidden"), "true", StringComparison.OrdinalIgnoreCase)
        || (element.GetAttribute("role") is { } role && LeftOutRoles.Contains(role))
        || (element.LocalName == "a" && element.ClassList.Contains("footnote-ref"))
        || (element.LocalName == "div" && element.ClassList.Contains("footnotes"))
        || (element.LocalName == "p" && element.ClassList.Contains("markdown-alert-title"));
}
