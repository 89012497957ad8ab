using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sutra.Tests.Embedder.Store;

/// <summary>A model hub on loopback: the same routes, redirects, ranges and tags as the real one, and whatever misbehaviour a test wants.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Repository = "acme/tiny";
    public const string Onnx = "onnx/model.onnx";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _app;

    private FakeHub(WebApplication app)
    {
        _app = app;
    }

    public Uri Endpoint => new(_app.Urls.First());

    /// <summary>Files of the one repository; large ones are listed with their SHA-256 and served from another host by redirect.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Every request: method, path and query, Range, If-Range, Authorization.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers a request for a file's content itself: return true, and the hub does no more.</summary>
    public Func<HttpContext, string, byte[], Task<bool>>? OnContent { get; set; }

    /// <summary>Answers any request itself, before all else.</summary>
    public Func<HttpContext, Task<bool>>? OnRequest { get; set; }

    /// <summary>Changes the list of files before it is sent.</summary>
    public Func<List<Dictionary<string, object>>, List<Dictionary<string, object>>>? OnList { get; set; }

    public int PageSize { get; set; } = 1000;

    public static async Task<FakeHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MinResponseDataRate = null);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var hub = new FakeHub(builder.Build());
        hub._app.Run(hub.AnswerAsync);
        await hub._app.StartAsync();
        return hub;
    }

    public IEnumerable<string> ContentRequests(string path) => Requests.Where(request => request.Contains($"/cdn/{path} ", StringComparison.Ordinal));

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static string GitId(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    /// <summary>A file's content, with ranges and a tag, as storage hosts send it.</summary>
    public static async Task SendAsync(HttpContext context, byte[] content)
    {
        var tag = $"\"{Sha256(content)}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.AcceptRanges = "bytes";
        var from = 0;
        if (context.Request.Headers.Range.ToString() is { Length: > 0 } range
            && (context.Request.Headers.IfRange.Count == 0 || context.Request.Headers.IfRange == tag))
        {
            from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            if (from >= content.Length)
            {
                context.Response.StatusCode = 416;
                return;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = content.Length - from;
        await context.Response.Body.WriteAsync(content.AsMemory(from));
    }

    /// <summary>Sends <paramref name="bytes"/> bytes of what is asked for and cuts the connection.</summary>
    public static async Task CutAsync(HttpContext context, byte[] content, int bytes)
    {
        var from = context.Request.Headers.Range.ToString() is { Length: > 0 } range ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
        context.Response.Headers.ETag = $"\"{Sha256(content)}\"";
        context.Response.StatusCode = from > 0 ? 206 : 200;
        if (from > 0)
        {
            context.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        context.Response.ContentLength = content.Length - from;
        await context.Response.Body.WriteAsync(content.AsMemory(from, Math.Min(bytes, content.Length - from)));
        await context.Response.Body.FlushAsync();
        // What was sent must leave before the connection does.
        await Task.Delay(30);
        context.Abort();
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString} {request.Headers.Range} {request.Headers.IfRange} {request.Headers.Authorization}");
        if (OnRequest is { } intercept && await intercept(context))
        {
            return;
        }

        var path = request.Path.Value!.TrimStart('/');
        if (path == $"api/models/{Repository}/revision/main")
        {
            await context.Response.WriteAsJsonAsync(new { sha = Commit, cardData = new { license = "apache-2.0" } });
        }
        else if (path == $"api/models/{Repository}/tree/{Commit}")
        {
            await ListAsync(context);
        }
        else if (path.StartsWith($"{Repository}/resolve/{Commit}/", StringComparison.Ordinal) && Files.ContainsKey(path[$"{Repository}/resolve/{Commit}/".Length..]))
        {
            // As the real one: content comes from another host.
            context.Response.Redirect($"http://localhost:{context.Connection.LocalPort}/cdn/{path[$"{Repository}/resolve/{Commit}/".Length..]}");
        }
        else if (path.StartsWith("cdn/", StringComparison.Ordinal) && Files.TryGetValue(path[4..], out var content))
        {
            if (OnContent is null || !await OnContent(context, path[4..], content))
            {
                await SendAsync(context, content);
            }
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private async Task ListAsync(HttpContext context)
    {
        var all = Files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => Entry(file.Key, file.Value)).ToList();
        all.Insert(0, new() { ["type"] = "directory", ["path"] = "onnx", ["oid"] = new string('0', 40), ["size"] = 0 });
        all = OnList?.Invoke(all) ?? all;
        var page = int.TryParse(context.Request.Query["cursor"], CultureInfo.InvariantCulture, out var number) ? number : 0;
        if ((page + 1) * PageSize < all.Count)
        {
            context.Response.Headers.Link = $"<{Endpoint}api/models/{Repository}/tree/{Commit}?recursive=true&cursor={page + 1}>; rel=\"next\"";
        }

        await context.Response.WriteAsync(JsonSerializer.Serialize(all.Skip(page * PageSize).Take(PageSize)));
    }

    private static Dictionary<string, object> Entry(string path, byte[] content)
    {
        var entry = new Dictionary<string, object> { ["type"] = "file", ["path"] = path, ["size"] = content.Length, ["oid"] = GitId(content) };
        if (path.EndsWith(".onnx", StringComparison.Ordinal) || path == "tokenizer.json")
        {
            entry["lfs"] = new Dictionary<string, object> { ["oid"] = Sha256(content), ["size"] = content.Length, ["pointerSize"] = 134 };
        }

        return entry;
    }
}
