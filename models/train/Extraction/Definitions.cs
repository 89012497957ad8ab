using AngleSharp.Dom;

namespace Sutra.Models.Train.Extraction;

/// <summary>Terms with their definitions: definition lists, tables of two columns, paragraphs that begin with a bold term.</summary>
internal static class Definitions
{
    private const int MaximumTermWords = 8;

    // Of one group in a list: more are a glossary gone wrong, and each would repeat the definition.
    private const int MaximumTerms = 8;

    /// <summary>The first terms of each group, each with the group's first definition.</summary>
    public static IEnumerable<Block> OfList(IElement list)
    {
        var terms = new List<string>();
        var defined = false;
        foreach (var element in list.Children.SelectMany(c => c.LocalName == "div" ? c.Children.AsEnumerable() : [c]))
        {
            if (element.LocalName == "dt")
            {
                if (defined)
                {
                    terms.Clear();
                    defined = false;
                }

                if (terms.Count < MaximumTerms)
                {
                    terms.Add(PlainText.Clean(HtmlReader.TextOf(element)).TrimEnd(':', ' '));
                }
            }
            else if (element.LocalName == "dd" && !defined)
            {
                defined = true;
                var text = PlainText.Clean(HtmlReader.TextOf(element));
                foreach (var term in terms)
                {
                    yield return new Block(BlockKind.Definition, term, Body: text);
                }
            }
        }
    }

    /// <summary>Rows of a table with exactly two columns; the header row is none.</summary>
    public static IEnumerable<Block> OfTable(IElement table)
    {
        var rows = table.QuerySelectorAll("tr").Select(row => row.Children.Where(c => c.LocalName is "td" or "th").ToArray()).ToArray();
        if (rows.Any(cells => cells.Length != 2))
        {
            yield break;
        }

        foreach (var cells in rows.Where(cells => cells[1].LocalName == "td"))
        {
            var term = PlainText.Clean(HtmlReader.TextOf(cells[0]));
            var body = PlainText.Clean(HtmlReader.TextOf(cells[1]));
            if (IsTerm(term) && body.Contains(' ', StringComparison.Ordinal))
            {
                yield return new Block(BlockKind.Definition, term, Body: body);
            }
        }
    }

    /// <summary><c>**Term**: what it means</c>, with the colon or dash inside or after the bold part.</summary>
    public static Block? OfBoldLead(IElement element)
    {
        var first = FirstChild(element);
        if (first is IElement { LocalName: "p" } inner && element.LocalName == "li")
        {
            // The paragraph inside a loose list's item comes by itself.
            return null;
        }

        if (first is not IElement { LocalName: "strong" or "b" or "dfn" or "code" } bold)
        {
            return null;
        }

        var term = PlainText.Clean(HtmlReader.TextOf(bold));
        var all = PlainText.Clean(OwnText(element));
        if (!all.StartsWith(term, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = all[term.Length..];
        var marked = term.EndsWith(':') || rest.TrimStart() is [':' or '–' or '—', ..] || rest.StartsWith(" - ", StringComparison.Ordinal);
        term = term.TrimEnd(':', '.', ' ');
        return marked && IsTerm(term) ? new Block(BlockKind.Definition, term, Body: rest.TrimStart(':', '–', '—', '-', ' ')) : null;
    }

    /// <summary>A paragraph that is nothing but a question in bold.</summary>
    public static bool IsBoldQuestion(IElement paragraph, out string question)
    {
        question = FirstChild(paragraph) is IElement { LocalName: "strong" or "b" } bold ? PlainText.Clean(bold.TextContent) : "";
        return question.EndsWith('?') && question.Length == PlainText.Clean(paragraph.TextContent).Length;
    }

    private static bool IsTerm(string term) => term.Any(char.IsLetter) && term.AsSpan().Count(' ') < MaximumTermWords;

    private static INode? FirstChild(IElement element) =>
        element.ChildNodes.FirstOrDefault(c => c is IElement || (c is IText text && !string.IsNullOrWhiteSpace(text.Data)));

    // Of a list's item, without the lists inside it.
    private static string OwnText(IElement element) => string.Concat(element.ChildNodes
        .TakeWhile(c => c is not IElement e || !HtmlNames.IsBlock(e.LocalName))
        .Select(c => c is IText text ? text.Data : HtmlReader.TextOf(c)));
}
