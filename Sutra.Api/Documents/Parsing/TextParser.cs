namespace Sutra.Api.Documents.Parsing;

/// <summary>Plain text: blocks end at empty lines.</summary>
internal static class TextParser
{
    public static IReadOnlyList<Passage> Parse(string source)
    {
        var passages = new PassageBuilder();
        for (var at = 0; at < source.Length;)
        {
            var end = source.IndexOf('\n', at);
            end = end < 0 ? source.Length : end + 1;
            var line = source.AsSpan(at, end - at);
            if (line.IsWhiteSpace())
            {
                passages.EndBlock(at);
            }
            else
            {
                passages.Text.Append(line, at);
            }

            at = end;
        }

        return passages.End();
    }
}
