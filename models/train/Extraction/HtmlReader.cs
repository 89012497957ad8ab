using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Sutra.Models.Train.Extraction;

/// <summary>HTML as headings, paragraphs and definitions. Code, navigation, forms and tables of more than two columns are left out.</summary>
internal static class HtmlReader
{
    public static Page Read(string html)
    {
        var nesting = new HtmlNesting();
        using var document = new HtmlParser(new HtmlParserOptions { OnCreated = (element, _) => nesting.Check(element) }).ParseDocument(html);
        var description = document.QuerySelector("meta[name=description i]") ?? document.QuerySelector("meta[property='og:description']");
        var root = document.QuerySelector("main, [role=main]") ?? document.QuerySelector("article") ?? document.Body ?? document.DocumentElement;
        var walk = new Walk();
        walk.Into(root, 0);
        walk.EndParagraph();
        return new Page(Some(document.Title), Some(description?.GetAttribute("content")), walk.Blocks);

        static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : PlainText.Clean(text);
    }

    private sealed class Walk
    {
        // Deeper nesting is a broken page, and recursion must end before the stack does.
        private const int MaximumDepth = 200;

        // So much of a paragraph in links makes it navigation.
        private const double LinkShare = 0.8;

        private readonly StringBuilder _text = new();
        private int _linked;
        private int _links;

        public List<Block> Blocks { get; } = [];

        public void Into(INode node, int depth)
        {
            if (depth > MaximumDepth)
            {
                return;
            }

            foreach (var child in node.ChildNodes)
            {
                switch (child)
                {
                    case IText text:
                        _text.Append(text.Data);
                        _linked += _links > 0 ? text.Data.Length : 0;
                        break;
                    case IElement element:
                        Element(element, depth);
                        break;
                }
            }
        }

        public void EndParagraph()
        {
            var text = PlainText.Clean(_text.ToString());
            var linked = _text.Length > 0 ? (double)_linked / _text.Length : 0;
            _text.Clear();
            _linked = 0;
            if (text.Length == 0 || linked >= LinkShare)
            {
                return;
            }

            if (QuestionText.IsAnswered(text, out var question, out var answer))
            {
                Heading(question, Block.Unranked);
                Blocks.Add(new Block(BlockKind.Paragraph, answer));
            }
            else if (QuestionText.IsAsked(text, out question))
            {
                Heading(question, Block.Unranked);
            }
            else
            {
                Blocks.Add(new Block(BlockKind.Paragraph, QuestionText.Answer(text)));
            }
        }

        private void Element(IElement element, int depth)
        {
            if (HtmlNames.IsLeftOut(element))
            {
                // What stands around it must not grow together, but a footnote's mark stands in no space.
                _text.Append(element.LocalName == "a" ? "" : " ");
                return;
            }

            switch (element.LocalName)
            {
                case "h1" or "h2" or "h3" or "h4" or "h5" or "h6":
                    EndParagraph();
                    Heading(PlainText.Clean(TextOf(element)), element.LocalName[1] - '0');
                    break;
                case "summary":
                    EndParagraph();
                    Heading(PlainText.Clean(TextOf(element)), Block.Unranked);
                    break;
                case "dl":
                    EndParagraph();
                    Blocks.AddRange(Definitions.OfList(element));
                    break;
                case "table":
                    EndParagraph();
                    Table(element, depth);
                    break;
                case "br":
                    _text.Append(' ');
                    break;
                case "a" when element.HasAttribute("href"):
                    _links++;
                    Into(element, depth + 1);
                    _links--;
                    break;
                case "p" or "li":
                    EndParagraph();
                    Paragraph(element, depth);
                    EndParagraph();
                    break;
                default:
                    var block = HtmlNames.IsBlock(element.LocalName);
                    if (block)
                    {
                        EndParagraph();
                    }

                    Into(element, depth + 1);
                    if (block)
                    {
                        EndParagraph();
                    }

                    break;
            }
        }

        private void Heading(string text, int level)
        {
            if (text.Length > 0)
            {
                Blocks.Add(new Block(BlockKind.Heading, text, level));
            }
        }

        private void Paragraph(IElement element, int depth)
        {
            if (element.LocalName == "p" && Definitions.IsBoldQuestion(element, out var question))
            {
                Heading(question, Block.Unranked);
                return;
            }

            if (Definitions.OfBoldLead(element) is { } definition)
            {
                Blocks.Add(definition);
            }

            Into(element, depth + 1);
        }

        private void Table(IElement table, int depth)
        {
            // A table that holds headings or tables lays out a page.
            if (table.QuerySelector("h1, h2, h3, h4, h5, h6, table") is not null)
            {
                Into(table, depth + 1);
                EndParagraph();
            }
            else
            {
                Blocks.AddRange(Definitions.OfTable(table));
            }
        }
    }

    /// <summary>An element's text without the parts that are left out everywhere.</summary>
    internal static string TextOf(INode node)
    {
        var builder = new StringBuilder();
        Append(node, 0);
        return builder.ToString();

        void Append(INode parent, int depth)
        {
            foreach (var child in parent.ChildNodes)
            {
                switch (child)
                {
                    case IText text:
                        builder.Append(text.Data);
                        break;
                    case IElement element when HtmlNames.IsLeftOut(element) || element.LocalName is "br" or "table":
                        builder.Append(element.LocalName == "a" ? "" : " ");
                        break;
                    case IElement element when depth < 100:
                        var block = HtmlNames.IsBlock(element.LocalName);
                        builder.Append(block ? " " : "");
                        Append(element, depth + 1);
                        builder.Append(block ? " " : "");
                        break;
                }
            }
        }
    }
}
