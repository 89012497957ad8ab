using System.Diagnostics.CodeAnalysis;

namespace Sutra.Embedder.Catalog;

/// <summary>A model as people write it: <c>id</c> or <c>owner/name</c>, with or without <c>@revision</c>.</summary>
/// <param name="Name">An id of the catalog, or a repository.</param>
/// <param name="Revision">Branch, tag or commit (may be its beginning); null: the catalog's, or <c>main</c>.</param>
public sealed record ModelReference(string Name, string? Revision)
{
    public const int LongestName = 96;

    /// <summary>So much of a commit's beginning names it.</summary>
    public const int ShortestCommit = 7;
    private const int LongestRevision = 128;
    private const int LongestPath = 200;
    private const int MostFolders = 4;

    public static bool TryParse(string? text, [NotNullWhen(true)] out ModelReference? reference)
    {
        reference = null;
        if (text is null)
        {
            return false;
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? text : text[..at];
        var revision = at < 0 ? null : text[(at + 1)..];
        if (!(IsId(name) || IsRepository(name)) || (revision is not null && !IsRevision(revision)))
        {
            return false;
        }

        reference = new ModelReference(name, revision);
        return true;
    }

    public override string ToString() => Revision is null ? Name : $"{Name}@{Revision}";

    /// <summary>One name as the hub allows it: what may stand as a folder's name on every system, and never as a way out of it.</summary>
    public static bool IsId(string name) =>
        name.Length is > 0 and <= LongestName
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && !name.Contains("--", StringComparison.Ordinal) && !name.Contains("..", StringComparison.Ordinal);

    /// <summary><c>owner/name</c></summary>
    public static bool IsRepository(string name) => name.Split('/') is [var owner, var rest] && IsId(owner) && IsId(rest);

    public static bool IsCommit(string revision) => revision.Length == 40 && IsHex(revision);

    public static bool IsSha256(string text) => text.Length == 64 && IsHex(text);

    /// <summary>Whether a path, as a repository lists it, leads to a file below whatever folder it is put into, on every system.</summary>
    public static bool IsSafePath(string path) =>
        path.Length is > 0 and <= LongestPath
        && path.Split('/') is { Length: <= MostFolders } parts
        && parts.All(part => part.Length > 0
            && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            && part[0] != '.' && part[^1] != '.');

    private static bool IsRevision(string revision) =>
        revision.Length is > 0 and <= LongestRevision
        && revision.Split('/').All(part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && part.Trim('.').Length > 0);

    private static bool IsHex(string text) => text.All(char.IsAsciiHexDigitLower);
}
