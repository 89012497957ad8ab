using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Sutra.Gateway.Page;

/// <summary>One file of the page, in every encoding that it is served in; compressed once.</summary>
internal sealed class PageFile(string name, byte[] content)
{
    /// <summary><c>/</c> for <c>index.html</c>.</summary>
    public string Url { get; } = name == "index.html" ? "/" : $"/{name}";

    public string ContentType { get; } = Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"No content type is known for {other}."),
    };

    /// <summary>Best first; the last one is the file itself.</summary>
    public IReadOnlyList<Variant> Variants { get; } =
    [
        new("br", Compress(content, stream => new BrotliStream(stream, CompressionLevel.SmallestSize))),
        new("gzip", Compress(content, stream => new GZipStream(stream, CompressionLevel.SmallestSize))),
        new(Variant.Identity, content),
    ];

    private static byte[] Compress(byte[] content, Func<Stream, Stream> compressor)
    {
        using var compressed = new MemoryStream();
        using (var stream = compressor(compressed))
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }

    internal sealed record Variant(string Encoding, byte[] Bytes)
    {
        public const string Identity = "identity";

        // Each encoding has bytes of its own, so each has a (strong) tag of its own.
        public EntityTagHeaderValue Tag { get; } = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Bytes).AsSpan(0, 16))}\"");
    }
}
