using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Sutra.Api.Documents.Parsing;

/// <summary>Markdown as CommonMark with pipe tables and front matter; marks, comments and addresses of links are left out.</summary>
internal static class MarkdownParser
{
    private static readonly MarkdownPipeline s_pipeline =
        new MarkdownPipelineBuilder().UsePreciseSourceLocation().UsePipeTables().UseYamlFrontMatter().Build();

    /// <exception cref="UnreadableDocumentException">Blocks stand too deep within each other.</exception>
    public static IReadOnlyList<Passage> Parse(string source)
    {
        MarkdownDocument document;
        try
        {
            document = Markdown.Parse(source, s_pipeline);
        }
        catch (ArgumentException)
        {
            // Markdig's word for what would overflow the stack.
            throw new UnreadableDocumentException("Its blocks stand too deep within each other.");
        }

        var passages = new PassageBuilder();
        Walk(document, passages, source);
        return passages.End();
    }

    private static void Walk(ContainerBlock container, PassageBuilder passages, string source)
    {
        foreach (var block in container)
        {
            switch (block)
            {
                case HeadingBlock heading:
                    var title = new MappedText();
                    Append(heading.Inline, title, source);
                    passages.Heading(heading.Level, title.ToString());
                    break;
                case YamlFrontMatterBlock or HtmlBlock or LinkReferenceDefinitionGroup:
                    break;
                case Table table:
                    AppendTable(table, passages, source);
                    break;
                case CodeBlock code:
                    AppendCode(code, passages, source);
                    break;
                case LeafBlock { Inline: { } inline }:
                    Append(inline, passages.Text, source);
                    passages.EndBlock(block.Span.End);
                    break;
                case ContainerBlock inner:
                    Walk(inner, passages, source);
                    break;
                default:
                    break;
            }
        }
    }

    private static void AppendTable(Table table, PassageBuilder passages, string source)
    {
        foreach (var row in table.OfType<TableRow>())
        {
            var first = true;
            foreach (var cell in row.OfType<TableCell>())
            {
                if (!first)
                {
                    passages.Text.Append(" | ", cell.Span.Start);
                }

                first = false;
                foreach (var leaf in cell.OfType<LeafBlock>())
                {
                    Append(leaf.Inline, passages.Text, source);
                }
            }

            passages.EndBlock(row.Span.End);
        }
    }

    private static void AppendCode(CodeBlock code, PassageBuilder passages, string source)
    {
        var lines = code.Lines;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines.Lines[i];
            var place = ReferenceEquals(line.Slice.Text, source) ? line.Slice.Start : line.Position;
            passages.Text.Append(line.Slice.AsSpan(), place);
            passages.Text.Append("\n", place + line.Slice.Length);
        }

        passages.EndBlock(code.Span.End);
    }

    private static void Append(ContainerInline? container, MappedText text, string source)
    {
        for (var inline = container?.FirstChild; inline is not null; inline = inline.NextSibling)
        {
            switch (inline)
            {
                case LiteralInline literal:
                    // Of paragraphs of several lines there is a copy; an escape is one character longer in the source, at its beginning.
                    text.Append(literal.Content.AsSpan(), ReferenceEquals(literal.Content.Text, source)
                        ? literal.Content.Start
                        : literal.Span.End + 1 - literal.Content.Length);
                    break;
                case CodeInline code:
                    text.Append(code.Content, code.Span.Start + code.DelimiterCount);
                    break;
                case HtmlEntityInline entity:
                    text.Append(entity.Transcoded.AsSpan(), entity.Span.Start);
                    break;
                case AutolinkInline link:
                    text.Append(link.Url, link.Span.Start + 1);
                    break;
                case LineBreakInline:
                    text.Append(" ", inline.Span.Start);
                    break;
                case ContainerInline inner:
                    Append(inner, text, source);
                    break;
                default:
                    break;
            }
        }
    }
}
