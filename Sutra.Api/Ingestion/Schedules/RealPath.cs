namespace Sutra.Api.Ingestion.Schedules;

/// <summary>Where a path leads when every link on the way is followed.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <returns>Null when there is nothing, or only links in a circle.</returns>
    public static string? Of(string path)
    {
        var links = 0;
        var left = new Stack<string>(Parts(Path.GetFullPath(path)).Reverse());
        var real = Path.GetPathRoot(Path.GetFullPath(path))!;
        while (left.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, part);
            var info = Directory.Exists(next) ? (FileSystemInfo)new DirectoryInfo(next) : new FileInfo(next);
            if (info.LinkTarget is { } target)
            {
                if (++links > MaxLinks)
                {
                    return null;
                }

                if (Path.IsPathRooted(target))
                {
                    real = Path.GetPathRoot(target)!;
                }

                foreach (var linked in Parts(target).Reverse())
                {
                    left.Push(linked);
                }

                continue;
            }

            if (!info.Exists)
            {
                return null;
            }

            real = next;
        }

        return real;
    }

    /// <summary>Whether it is, really, one of these folders or below one of them.</summary>
    public static bool IsBelow(string path, IEnumerable<string> roots)
    {
        if (Of(path) is not { } real)
        {
            return false;
        }

        return roots.Select(Of).OfType<string>().Any(root =>
            real.Equals(root, StringComparison.Ordinal)
            || real.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Parts(string path) =>
        path[(Path.GetPathRoot(path)?.Length ?? 0)..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");
}
