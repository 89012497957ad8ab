using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Sutra.Models.Train.Extraction;

/// <summary>
/// A bound on what a page makes the HTML parser do, which looks through all open elements at many tags, and opens unclosed formatting again in
/// every paragraph: a page of a million nested elements would take days. Asked by the parser at each element, since only the parser knows what
/// a tag closes: <c>&lt;/x&gt;</c> may close nothing, and neither need <c>/&gt;</c>.
/// </summary>
internal sealed class HtmlNesting
{
    private const int MaximumDepth = 500;

    // What stands in a template hangs under no parent.
    private const int MaximumTemplates = 1000;

    // A page that forgets to close ten fonts has so many after thousands of paragraphs.
    private const int MaximumReopened = 200_000;

    private INode? _last;
    private int _templates;
    private int _reopened;

    /// <param name="element">Just made, and in no tree yet: what is looked at is the one before it.</param>
    /// <exception cref="InvalidDataException">A bound is passed.</exception>
    public void Check(IElement element)
    {
        var node = _last;
        while (node?.LastChild is { } child)
        {
            // An element that the parser made unasked: formatting, opened again.
            _reopened += child is IElement ? 1 : 0;
            node = child;
        }

        var depth = 0;
        for (; node is not null; node = node.Parent)
        {
            depth++;
        }

        _templates += element is IHtmlTemplateElement ? 1 : 0;
        if (depth > MaximumDepth || _templates > MaximumTemplates || _reopened > MaximumReopened)
        {
            throw new InvalidDataException("Elements are nested too deeply, or opened again too often.");
        }

        _last = element;
    }
}
