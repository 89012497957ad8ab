using System.Text;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Train.Extraction;

/// <summary>A page's pairs: title → description and lead, heading → passages below it, term → definition.</summary>
internal sealed class PagePairs
{
    // Short paragraphs join the next one until a passage is worth finding.
    private const int PassageCharacters = 200;

    private readonly ExtractOptions _options;
    private readonly Action<string> _skipped;
    private readonly List<TextPair> _pairs = [];
    private readonly string?[] _path = new string?[Block.Unranked];
    private readonly StringBuilder _passage = new();
    private readonly string? _title;
    private string? _anchor;
    private int _passages;

    private PagePairs(Page page, ExtractOptions options, Action<string> skipped)
    {
        _options = options;
        _skipped = skipped;
        var first = page.Blocks.FirstOrDefault(b => b is { Kind: BlockKind.Heading, Level: 1 }).Text;
        _title = (first ?? page.Title) is { } title ? Headings.Text(title) : null;
        _anchor = _title;
    }

    /// <param name="skipped">Told the reason for each heading that is left out.</param>
    public static IReadOnlyList<TextPair> Of(Page page, ExtractOptions options, Action<string> skipped)
    {
        var pairs = new PagePairs(page, options, skipped);
        if (page.Description is { } description && pairs._title is { } title)
        {
            pairs._pairs.Add(new TextPair(title, description));
        }

        foreach (var block in page.Blocks)
        {
            pairs.Add(block);
        }

        pairs.EndSection();
        return pairs._pairs;
    }

    private void Add(Block block)
    {
        switch (block.Kind)
        {
            case BlockKind.Heading:
                EndSection();
                _anchor = AnchorOf(block);
                break;
            case BlockKind.Definition when Headings.IsGeneric(block.Text) || Headings.IsNavigation(block.Text):
                _skipped("generic term");
                break;
            case BlockKind.Definition:
                _pairs.Add(new TextPair(block.Text, block.Body!));
                break;
            default:
                _passage.Append(_passage.Length > 0 ? " " : "").Append(block.Text);
                if (_passage.Length >= PassageCharacters)
                {
                    EndPassage();
                }

                break;
        }
    }

    private string? AnchorOf(Block heading)
    {
        var text = Headings.Text(heading.Text);
        var context = Context(heading.Level);
        if (heading.Level < Block.Unranked)
        {
            _path[heading.Level] = text;
            Array.Clear(_path, heading.Level + 1, _path.Length - heading.Level - 1);
        }

        if (Headings.IsNavigation(text))
        {
            _skipped("navigation");
            return null;
        }

        if (!Headings.IsGeneric(text))
        {
            return text;
        }

        if (context is null)
        {
            _skipped("generic heading without a title");
            return null;
        }

        return $"{context}: {text}";
    }

    /// <summary>The nearest heading above that says something, or the page's title.</summary>
    private string? Context(int level)
    {
        for (var above = level - 1; above >= 1; above--)
        {
            if (_path[above] is { } heading && !Headings.IsGeneric(heading))
            {
                return heading;
            }
        }

        return _title is not null && !Headings.IsGeneric(_title) ? _title : null;
    }

    private void EndSection()
    {
        EndPassage();
        _passages = 0;
    }

    private void EndPassage()
    {
        if (_anchor is not null && _passage.Length > 0 && _passages < _options.PassagesPerHeading)
        {
            _pairs.Add(new TextPair(_anchor, _passage.ToString()));
            _passages++;
        }

        _passage.Clear();
    }
}
