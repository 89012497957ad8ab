using System.Globalization;
using Sutra.Examples.Documentation;

// Learns this repository's documentation and asks what a newcomer would: how often is the right section among the best three?
const int Best = 3;
if (args is not [var address, var keyFile, .. var rest] || !Uri.TryCreate(address, UriKind.Absolute, out var uri))
{
    Console.Error.WriteLine("usage: documentation ADDRESS KEY_FILE [DOCS]      e.g. http://localhost:8080 .sutra/first-key docs");
    return 2;
}

var docs = rest is [var folder] ? folder : "docs";
using var server = new Server(uri, (await File.ReadAllTextAsync(keyFile)).Trim());
var (files, pieces) = (0, 0);
foreach (var path in Directory.EnumerateFiles(docs, "*.md").Order(StringComparer.Ordinal))
{
    pieces += await server.LearnAsync(path);
    files++;
}

Console.WriteLine($"learned {files} files in {pieces} pieces");
await MeasureAsync("questions.tsv", showsMisses: true);

// No weight is fitted to these, so nobody is shown which ones are missed.
await MeasureAsync("questions-held-out.tsv", showsMisses: false);
return 0;

async Task MeasureAsync(string name, bool showsMisses)
{
    var (right, first) = (0, 0);
    var questions = Question.All(name);
    foreach (var question in questions)
    {
        var found = await server.AskAsync(question.Text, Best);
        var rank = found.TakeWhile(piece => !question.IsAnsweredBy(piece.File, piece.Section)).Count();
        right += rank < found.Count ? 1 : 0;
        first += rank == 0 && found.Count > 0 ? 1 : 0;
        if (rank >= found.Count && showsMisses)
        {
            Console.WriteLine($"miss: {question.Text}");
            Console.WriteLine($"  wanted {question.File}: {question.Heading}");
            foreach (var (file, section) in found)
            {
                Console.WriteLine($"  found  {file}: {section}");
            }
        }
    }

    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: right section among the best {Best}: {right} of {questions.Count} ({100.0 * right / questions.Count:F1} %), first: {first}"));
}
