using System.Text;
using Sutra.Models.Train.Extraction;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Models.Train.Extraction;

/// <summary>A folder tree of a test's own, and what is extracted from it.</summary>
internal sealed class Tree : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Root => _folder.File("tree");

    public string Output => _folder.File("pairs.tsv");

    public string SourceNames => _folder.File("sources.txt");

    public ExtractionSummary Summary { get; private set; } = null!;

    public Tree Add(string path, string text) => Add(path, Encoding.UTF8.GetBytes(text));

    public Tree Add(string path, byte[] bytes)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
        return this;
    }

    /// <summary>The lines, each <c>anchor → positive</c>.</summary>
    public string[] Extract(Func<ExtractOptions, ExtractOptions>? configure = null)
    {
        var options = new ExtractOptions([Root], Output) { Threads = 2 };
        Summary = new CorpusExtractor(configure?.Invoke(options) ?? options).Extract();
        return [.. File.ReadAllLines(Output).Select(line => line.Replace("\t", " → ", StringComparison.Ordinal))];
    }

    public static string[] Markdown(string text)
    {
        using var tree = new Tree();
        return tree.Add("page.md", text).Extract();
    }

    public static string[] Html(string text)
    {
        using var tree = new Tree();
        return tree.Add("page.html", text).Extract();
    }

    public void Dispose() => _folder.Dispose();
}
