namespace Sutra.Examples.Documentation;

/// <summary>What a newcomer would ask, and where the answer stands.</summary>
/// <param name="File">Of <c>docs</c>.</param>
/// <param name="Heading">The nearest one above the answer, as it is written there.</param>
internal sealed record Question(string File, string Heading, string Text)
{
    /// <param name="name">A file of lines: file, heading, question.</param>
    public static IReadOnlyList<Question> All(string name)
    {
        using var lines = new StreamReader(typeof(Question).Assembly.GetManifestResourceStream(name)!);
        return
        [
            .. lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.TrimEnd('\r').Split('\t') is [var file, var heading, var text]
                    ? new Question(file, heading, text)
                    : throw new InvalidDataException($"A line of {name} is not: file, heading, question.")),
        ];
    }

    /// <summary>Whether a piece of that file and section, its headings joined by " &gt; ", is where the answer stands: under the heading, at any depth.</summary>
    public bool IsAnsweredBy(string file, string? section)
    {
        // A piece's headings are plain text.
        var heading = Heading.Replace("`", "", StringComparison.Ordinal);
        var path = section?.Split(" > ") ?? [];

        // What stands under a file's title itself is under no other heading.
        return file == File && (path is [var title] ? title == heading : path.Skip(1).Contains(heading, StringComparer.Ordinal));
    }
}
