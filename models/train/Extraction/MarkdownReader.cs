using System.Text.RegularExpressions;
using Markdig;

namespace Sutra.Models.Train.Extraction;

/// <summary>Markdown by way of the HTML that it stands for: HTML blocks inside it need no second reader.</summary>
internal static partial class MarkdownReader
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UseYamlFrontMatter()
        .UseAlertBlocks()
        .UseDefinitionLists()
        .UsePipeTables()
        .UseGridTables()
        .UseFootnotes()
        .UseCustomContainers()
        .UseEmphasisExtras()
        .UseGenericAttributes()
        .Build();

    public static Page Read(string text)
    {
        var (title, description) = FrontMatter.Read(text);
        var page = HtmlReader.Read(Markdown.ToHtml(Template().Replace(text, " "), Pipeline));
        return page with { Title = title ?? page.Title, Description = description ?? page.Description };
    }

    // What site generators put in before Markdown is read: {{< shortcode >}}, {% tag %}, [!INCLUDE [name](file)].
    [GeneratedRegex(@"\{\{[<%].{0,400}?[>%]\}\}|\{%.{0,400}?%\}|\[!INCLUDE\s*\[[^\]\n]{0,400}\]\([^)\n]{0,400}\)\]|\[!(div|VIDEO|code)[^\n]{0,400}", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Template();
}
