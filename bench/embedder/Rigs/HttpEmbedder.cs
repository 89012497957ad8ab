using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sutra.Contracts.Identity;

namespace Sutra.Bench.Embedder.Rigs;

/// <summary>The embedder as a process of its own, and clients that keep it busy over loopback.</summary>
internal sealed class HttpEmbedder : IDisposable
{
    private const string Key = "a key of this bench only, long enough to sign with";

    private readonly Process _process;
    private readonly HttpClient _http;

    private HttpEmbedder(Process process, HttpClient http, string model)
    {
        _process = process;
        _http = http;
        Model = model;
    }

    public string Model { get; }

    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it on that model, without a cache, and waits until it is ready.</summary>
    public static async Task<HttpEmbedder> StartAsync(string root, string folder, params (string Name, string Value)[] settings)
    {
        int port = FreePort(), grpc = FreePort();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(root, "artifacts", "bin", "Sutra.Embedder", "release", "Sutra.Embedder.dll")])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Identity__Key"] = Key,
            ["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port};http://127.0.0.1:{grpc}"),
            ["GRPC_PORT"] = grpc.ToString(CultureInfo.InvariantCulture),
            ["Embedder__ModelPath"] = folder,
            ["Embedder__Cache__MemoryBytes"] = "0",
            ["HARDWARE_PROFILE"] = "cpu",
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var (name, value) in environment.Concat(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))))
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Tell(line.Data);
        process.ErrorDataReceived += (_, line) => Tell(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4096 })
        {
            BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
            Timeout = TimeSpan.FromMinutes(10),
        };
        http.DefaultRequestHeaders.Add(
            InternalToken.Header, new InternalToken(Key, TimeSpan.FromHours(4), TimeProvider.System).Mint(new CallerIdentity("key:bench", [Permissions.Read])));
        var embedder = new HttpEmbedder(process, http, Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)));
        await embedder.WaitAsync();
        return embedder;
    }

    /// <summary>A request body, ready to be sent many times; vectors come back in base64, as the official clients ask for.</summary>
    public byte[] Body(IEnumerable<string> texts, bool isBulk = false) => isBulk
        ? JsonSerializer.SerializeToUtf8Bytes(new { model = Model, input = texts, encoding_format = "base64", priority = "bulk" })
        : JsonSerializer.SerializeToUtf8Bytes(new { model = Model, input = texts, encoding_format = "base64" });

    /// <summary>Sends and reads the whole answer.</summary>
    public async Task<HttpStatusCode> SendAsync(byte[] body, byte[] buffer)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/embeddings") { Content = content };
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        while (await stream.ReadAsync(buffer) > 0)
        {
        }

        return response.StatusCode;
    }

    /// <summary>A client of one connection that costs next to nothing itself.</summary>
    public PlainClient PlainClient() =>
        new(_http.BaseAddress!, InternalToken.Header, _http.DefaultRequestHeaders.GetValues(InternalToken.Header).Single());

    /// <summary>Clients that each send their own request again and again, each as often.</summary>
    /// <returns>Texts a second.</returns>
    public async Task<double> RoundAsync(IReadOnlyList<string> texts, int clients, int textsPerCall, int calls, bool isBulk = false)
    {
        var bodies = texts.Chunk(textsPerCall).Select(chunk => Body(chunk, isBulk)).ToArray();
        var next = -1;
        var total = clients * calls;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            var buffer = new byte[64 << 10];
            for (int call; (call = Interlocked.Increment(ref next)) < total;)
            {
                if (await SendAsync(bodies[call % bodies.Length], buffer) is var status and not HttpStatusCode.OK)
                {
                    throw new InvalidOperationException($"The embedder answered {(int)status}.");
                }
            }
        }));
        return (double)total * textsPerCall / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public void Dispose()
    {
        _http.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static void Tell(string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            Console.Error.WriteLine($"  embedder: {line}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitAsync()
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException("The embedder ended at its start.");
            }

            try
            {
                using var response = await _http.GetAsync(new Uri("/ready", UriKind.Relative));
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("The embedder was not ready within 30 s.");
    }
}
