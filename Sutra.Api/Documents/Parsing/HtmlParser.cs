using System.Net;
using HtmlAgilityPack;

namespace Sutra.Api.Documents.Parsing;

/// <summary>What a reader sees of HTML: no scripts, styles or comments; entities are read.</summary>
internal static class HtmlParser
{
    private const int MaxDepth = 512;
    private const int MaxEntity = 40;

    private static readonly HashSet<string> s_unseen = new(StringComparer.OrdinalIgnoreCase)
    {
        "script", "style", "noscript", "template", "head", "svg", "math", "iframe", "object", "canvas", "select", "textarea",
    };

    private static readonly HashSet<string> s_within = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "q", "rp", "rt",
        "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    };

    /// <exception cref="UnreadableDocumentException">Elements stand too deep within each other.</exception>
    public static IReadOnlyList<Passage> Parse(string source)
    {
        var document = new HtmlDocument { OptionMaxNestedChildNodes = MaxDepth };
        try
        {
            document.LoadHtml(source);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Its only exception for text is of the base type.
            throw TooDeep();
        }

        var passages = new PassageBuilder();
        Walk(document.DocumentNode, passages, depth: 0);
        return passages.End();
    }

    private static void Walk(HtmlNode parent, PassageBuilder passages, int depth)
    {
        if (depth > MaxDepth)
        {
            throw TooDeep();
        }

        foreach (var node in parent.ChildNodes)
        {
            if (node is HtmlTextNode text)
            {
                Append(text, passages.Text);
            }
            else if (node.NodeType != HtmlNodeType.Element || s_unseen.Contains(node.Name))
            {
                continue;
            }
            else if (node.Name is ['h' or 'H', >= '1' and <= '6'])
            {
                var heading = new MappedText();
                foreach (var part in node.DescendantsAndSelf().OfType<HtmlTextNode>())
                {
                    Append(part, heading);
                }

                passages.Heading(node.Name[1] - '0', heading.ToString());
            }
            else if (s_within.Contains(node.Name))
            {
                Walk(node, passages, depth + 1);
            }
            else if (node.Name is "td" or "th")
            {
                Walk(node, passages, depth + 1);
                passages.Text.Append(" | ", node.OuterStartIndex);
            }
            else
            {
                passages.EndBlock(node.OuterStartIndex);
                Walk(node, passages, depth + 1);
                passages.EndBlock(node.OuterStartIndex);
            }
        }
    }

    private static UnreadableDocumentException TooDeep() => new("Its elements stand too deep within each other.");

    private static void Append(HtmlTextNode node, MappedText text)
    {
        var raw = node.Text;
        var source = node.OuterStartIndex;
        for (var at = 0; at < raw.Length;)
        {
            var entity = raw.IndexOf('&', at);
            text.AppendWords(raw.AsSpan(at, (entity < 0 ? raw.Length : entity) - at), source + at);
            if (entity < 0)
            {
                return;
            }

            var end = raw.IndexOf(';', entity);
            var length = end < 0 || end - entity > MaxEntity ? 1 : end - entity + 1;
            text.AppendWords(WebUtility.HtmlDecode(raw.Substring(entity, length)), source + entity);
            at = entity + length;
        }
    }
}
