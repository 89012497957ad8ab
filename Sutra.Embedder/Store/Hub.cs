using System.Text.Json;
using Sutra.Embedder.Catalog;

namespace Sutra.Embedder.Store;

/// <summary>A file at one commit, as the hub lists it.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Of its content, for files in large-file storage.</param>
/// <param name="GitId">Of the others: SHA-1 over git's header and the content.</param>
internal sealed record HubFile(string Path, long Size, string? Sha256, string? GitId);

/// <summary>What a branch, a tag or the beginning of a commit stands for.</summary>
internal sealed record HubRevision(string Commit, string? Licence);

/// <summary>The hub's API, as far as a download needs it. What it answers is checked like anyone's.</summary>
internal sealed class Hub(HubConnection connection)
{
    private const int LargestAnswer = 8 << 20;
    private const int MostPages = 20;
    private const int MostFiles = 20_000;

    public Uri FileAddress(string repository, string commit, string path) => new(connection.Endpoint, $"{repository}/resolve/{commit}/{path}");

    public async Task<HubRevision> ResolveAsync(string repository, string revision, CancellationToken cancellation)
    {
        var what = $"{repository}@{revision}";
        using var document = await ReadAsync(new Uri(connection.Endpoint, $"api/models/{repository}/revision/{Uri.EscapeDataString(revision)}"), what, cancellation);
        var root = document.Answer.RootElement;
        if (Text(root, "sha") is not { } commit || !ModelReference.IsCommit(commit))
        {
            throw new ModelStoreException($"{what}: the hub's answer names no commit.");
        }

        var licence = root.TryGetProperty("cardData", out var card) && card.ValueKind == JsonValueKind.Object ? Text(card, "license") : null;
        return new HubRevision(commit, licence is { Length: <= 64 } ? licence : null);
    }

    public async Task<IReadOnlyList<HubFile>> ListAsync(string repository, string commit, CancellationToken cancellation)
    {
        var files = new List<HubFile>();
        var next = new Uri(connection.Endpoint, $"api/models/{repository}/tree/{commit}?recursive=true");
        for (var page = 0; next is not null; page++)
        {
            if (page == MostPages || files.Count > MostFiles)
            {
                throw new ModelStoreException($"{repository}: the hub lists more than {MostFiles} files.");
            }

            using var answer = await ReadAsync(next, repository, cancellation);
            if (answer.Answer.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new ModelStoreException($"{repository}: the hub's list of files is no list.");
            }

            files.AddRange(answer.Answer.RootElement.EnumerateArray().Select(File).OfType<HubFile>());
            next = Next(next, answer.Link);
        }

        return files;
    }

    private static HubFile? File(JsonElement entry)
    {
        if (Text(entry, "type") != "file" || Text(entry, "path") is not { } path || Size(entry) is not { } size)
        {
            return null;
        }

        if (!entry.TryGetProperty("lfs", out var large) || large.ValueKind != JsonValueKind.Object)
        {
            return new HubFile(path, size, null, Text(entry, "oid") is { Length: 40 } id ? id : null);
        }

        // A size that contradicts itself is no size.
        var sha256 = Text(large, "oid");
        return sha256 is not null && ModelReference.IsSha256(sha256) && Size(large) == size ? new HubFile(path, size, sha256, null) : null;
    }

    /// <summary>The next page, from <c>Link: &lt;…&gt;; rel="next"</c>; on the same host only.</summary>
    private static Uri? Next(Uri page, string? link)
    {
        var end = link?.IndexOf('>', StringComparison.Ordinal) ?? -1;
        return end > 1 && link![0] == '<' && link.Contains("rel=\"next\"", StringComparison.Ordinal)
            && Uri.TryCreate(page, link[1..end], out var next) && next.Authority == page.Authority && next.Scheme == page.Scheme
                ? next
                : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Size(JsonElement element) =>
        element.TryGetProperty("size", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var size) && size >= 0 ? size : null;

    private async Task<Page> ReadAsync(Uri url, string what, CancellationToken cancellation)
    {
        using var response = await connection.GetAsync(url, what, 0, null, cancellation);
        var body = await connection.ReadAsync(response, what, LargestAnswer, cancellation);
        try
        {
            return new Page(JsonDocument.Parse(body), response.Headers.TryGetValues("Link", out var links) ? links.FirstOrDefault() : null);
        }
        catch (JsonException e)
        {
            throw new ModelStoreException($"{what}: {url.Host} did not answer as a model hub does; is a proxy or a login page in between?", e);
        }
    }

    private sealed record Page(JsonDocument Answer, string? Link) : IDisposable
    {
        public void Dispose() => Answer.Dispose();
    }
}
