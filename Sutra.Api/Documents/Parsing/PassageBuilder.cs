namespace Sutra.Api.Documents.Parsing;

/// <summary>Gathers blocks under their headings.</summary>
internal sealed class PassageBuilder
{
    // A heading is said again with every piece below it.
    private const int MaxHeading = 200;

    private readonly List<Passage> _passages = [];
    private readonly List<(int Level, string Text)> _path = [];
    private MappedText _text = new();
    private readonly List<int> _ends = [];

    /// <summary>The text of the passage so far; what is appended belongs to the block that <see cref="EndBlock"/> ends.</summary>
    public MappedText Text => _text;

    public void Heading(int level, string text)
    {
        EndPassage();
        _path.RemoveAll(heading => heading.Level >= level);
        text = text.Trim();
        if (text.Length > 0)
        {
            _path.Add((level, text.Length > MaxHeading ? text[..MaxHeading] : text));
        }
    }

    /// <param name="source">Where the block ends in the source.</param>
    public void EndBlock(int source)
    {
        if (_text.Length > (_ends.Count == 0 ? 0 : _ends[^1]))
        {
            _text.Append("\n", source);
            _ends.Add(_text.Length);
        }
    }

    public IReadOnlyList<Passage> End()
    {
        EndPassage();
        return _passages;
    }

    private void EndPassage()
    {
        if (!string.IsNullOrWhiteSpace(_text.ToString()))
        {
            _passages.Add(new Passage([.. _path.Select(heading => heading.Text)], _text, [.. _ends]));
        }

        _text = new MappedText();
        _ends.Clear();
    }
}
