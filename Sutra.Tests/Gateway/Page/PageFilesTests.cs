using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Page;

[TestClass]
public sealed class PageFilesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "Sutra.Gateway", "wwwroot");
    private static GatewayHost s_gateway = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _) => s_gateway = await GatewayHost.StartAsync();

    [ClassCleanup]
    public static Task Stop() => s_gateway.DisposeAsync().AsTask();

    [TestMethod]
    [DataRow("/", "index.html", "text/html")]
    [DataRow("/app.css", "app.css", "text/css")]
    [DataRow("/app.js", "app.js", "text/javascript")]
    [DataRow("/view.js", "view.js", "text/javascript")]
    [DataRow("/client.js", "client.js", "text/javascript")]
    [DataRow("/favicon.svg", "favicon.svg", "image/svg+xml")]
    public async Task A_file_comes_whole_in_each_encoding_and_only_once(string path, string file, string type)
    {
        var expected = await File.ReadAllBytesAsync(Path.Combine(Folder, file));
        foreach (var encoding in new[] { "", "gzip", "br", "br;q=0, gzip", "zstd" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
            using var response = await s_gateway.Anonymous.SendAsync(request);

            Assert.AreEqual(type, response.Content.Headers.ContentType?.MediaType);
            CollectionAssert.AreEqual(expected, await DecodedAsync(response));
            Assert.AreEqual(encoding.Split(", ").Last() is "gzip" or "br" ? encoding.Split(", ").Last() : "", string.Concat(response.Content.Headers.ContentEncoding));
            Assert.IsTrue(response.Headers.CacheControl!.NoCache);

            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
            again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
            using var unchanged = await s_gateway.Anonymous.SendAsync(again);
            Assert.AreEqual(HttpStatusCode.NotModified, unchanged.StatusCode);
            Assert.IsEmpty(await unchanged.Content.ReadAsByteArrayAsync());
        }
    }

    [TestMethod]
    public async Task HEAD_has_the_headers_and_no_body()
    {
        using var response = await s_gateway.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));

        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.AreEqual(new FileInfo(Path.Combine(Folder, "index.html")).Length, response.Content.Headers.ContentLength);
    }

    [TestMethod]
    public void The_page_has_nothing_inline_nothing_from_elsewhere_and_no_way_to_make_markup_of_text()
    {
        var html = File.ReadAllText(Path.Combine(Folder, "index.html"));
        Assert.DoesNotMatchRegex(new Regex(@"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|javascript:", RegexOptions.IgnoreCase), html);
        foreach (var file in Directory.GetFiles(Folder))
        {
            var text = File.ReadAllText(file).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
            Assert.DoesNotMatchRegex(new Regex(@"https?://|//[a-z]+\.[a-z]+/", RegexOptions.IgnoreCase), text, file);
            Assert.DoesNotMatchRegex(new Regex(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|localStorage|cookie\b.*="), text, file);
        }
    }

    private static async Task<byte[]> DecodedAsync(HttpResponseMessage response)
    {
        await using var body = await response.Content.ReadAsStreamAsync();
        await using Stream decoded = string.Concat(response.Content.Headers.ContentEncoding) switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var content = new MemoryStream();
        await decoded.CopyToAsync(content);
        return content.ToArray();
    }
}
