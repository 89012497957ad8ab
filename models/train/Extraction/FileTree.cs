namespace Sutra.Models.Train.Extraction;

/// <summary>The files of one or more folder trees, sorted ordinally by their path inside the tree. Links are never followed: what they lead to is in the tree anyway, or is not meant.</summary>
internal static class FileTree
{
    private static readonly EnumerationOptions Here = new() { AttributesToSkip = 0, IgnoreInaccessible = true };

    /// <param name="skipped">Told once for each file, folder or link that is left out, with the reason.</param>
    /// <exception cref="DirectoryNotFoundException">A folder does not exist.</exception>
    public static IReadOnlyList<SourceFile> List(IReadOnlyList<string> folders, Action<string> skipped)
    {
        var files = new List<SourceFile>();
        foreach (var folder in folders.Select(f => Path.TrimEndingDirectorySeparator(Path.GetFullPath(f))))
        {
            if (!Directory.Exists(folder))
            {
                throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
            }

            var found = new List<SourceFile>();
            Collect(new DirectoryInfo(folder), "", found, folders.Count == 1 ? null : Path.GetFileName(folder), skipped);
            files.AddRange(found.OrderBy(f => f.RelativePath, StringComparer.Ordinal));
        }

        return files;
    }

    private static void Collect(DirectoryInfo root, string prefix, List<SourceFile> files, string? source, Action<string> skipped)
    {
        var pending = new Stack<(DirectoryInfo Folder, string Prefix)>([(root, prefix)]);
        while (pending.TryPop(out var next))
        {
            foreach (var entry in next.Folder.EnumerateFileSystemInfos("*", Here))
            {
                var relative = next.Prefix + entry.Name;
                if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
                {
                    skipped("a link");
                }
                else if (entry is DirectoryInfo folder)
                {
                    if (entry.Name.StartsWith('.') || entry.Name == "node_modules")
                    {
                        skipped("a hidden folder or node_modules");
                    }
                    else
                    {
                        pending.Push((folder, relative + "/"));
                    }
                }
                else if (KindOf(entry.Extension) is { } kind)
                {
                    var slash = relative.IndexOf('/', StringComparison.Ordinal);
                    files.Add(new SourceFile(entry.FullName, relative, PlainText.Clean(source ?? (slash < 0 ? root.Name : relative[..slash])), kind));
                }
                else
                {
                    skipped("another kind of file");
                }
            }
        }
    }

    private static SourceKind? KindOf(string extension) => extension.ToLowerInvariant() switch
    {
        ".md" or ".markdown" or ".mdx" => SourceKind.Markdown,
        ".html" or ".htm" or ".xhtml" => SourceKind.Html,
        ".csv" => SourceKind.Csv,
        ".tsv" => SourceKind.Tsv,
        _ => null,
    };
}

internal enum SourceKind
{
    Markdown,
    Html,
    Csv,
    Tsv,
}

/// <param name="RelativePath">Inside its tree, with <c>/</c>.</param>
/// <param name="Source">The tree's first-level folder, or the tree itself when there are several; one line, whatever the folder is called.</param>
internal sealed record SourceFile(string FullPath, string RelativePath, string Source, SourceKind Kind);
