using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sutra.Models.Train.Extraction;

/// <summary>The YAML between two lines of <c>---</c> at the top of a Markdown file.</summary>
internal static class FrontMatter
{
    /// <summary>Top-level <c>title</c> and <c>description</c>; what stands before a mistake in the YAML counts.</summary>
    public static (string? Title, string? Description) Read(string text)
    {
        if (Yaml(text) is not { } yaml)
        {
            return (null, null);
        }

        string? title = null, description = null;
        try
        {
            var parser = new Parser(new StringReader(yaml));
            parser.Consume<StreamStart>();
            if (parser.TryConsume<DocumentStart>(out _) && parser.TryConsume<MappingStart>(out _))
            {
                while (parser.TryConsume<Scalar>(out var key))
                {
                    if (!parser.TryConsume<Scalar>(out var value))
                    {
                        parser.SkipThisAndNestedEvents();
                        continue;
                    }

                    title ??= Is(key, "title") ? value.Value : null;
                    description ??= Is(key, "description") || Is(key, "summary") ? value.Value : null;
                }
            }
        }
        catch (YamlException)
        {
            // Templates and hand-written slips are common here, and cost no more than a title.
        }

        return (Some(title), Some(description));

        static bool Is(Scalar key, string name) => string.Equals(key.Value, name, StringComparison.OrdinalIgnoreCase);
        static string? Some(string? value) => string.IsNullOrWhiteSpace(value) ? null : PlainText.Clean(value);
    }

    private static string? Yaml(string text)
    {
        var reader = new StringReader(text);
        if (reader.ReadLine()?.TrimEnd() != "---")
        {
            return null;
        }

        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.TrimEnd() is "---" or "...")
            {
                return string.Join('\n', lines);
            }

            lines.Add(line);
        }

        return null;
    }
}
