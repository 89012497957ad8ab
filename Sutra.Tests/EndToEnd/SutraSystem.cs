using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Sutra.Tests.Harness;

namespace Sutra.Tests.EndToEnd;

/// <summary>The whole of Sutra, started by its AppHost as a user would, on free ports and with its own state folder.</summary>
internal sealed class SutraSystem : IAsyncDisposable
{
    private readonly TemporaryFolder _state;

    private SutraSystem(TemporaryFolder state, ServiceProcess appHost, int port)
    {
        _state = state;
        AppHost = appHost;
        Port = port;
        Http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}"), Timeout = TimeSpan.FromSeconds(40) };
    }

    public ServiceProcess AppHost { get; private set; }

    public int Port { get; }

    /// <summary>A client of the gateway that carries the first API key.</summary>
    public HttpClient Http { get; }

    public string Key { get; private set; } = "";

    public string StatePath => _state.Path;

    /// <param name="infrastructure"><c>local</c> (Redis and Postgres processes) or <c>embedded</c> (neither).</param>
    public static async Task<SutraSystem> StartAsync(string infrastructure)
    {
        if (infrastructure == "local")
        {
            RequireLocalBinaries();
        }

        // Postgres, which never runs as root, has to reach its data below this folder.
        var state = new TemporaryFolder();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(state.Path, (UnixFileMode)0b111_101_101);
        }

        var port = FreePort.Next();
        var system = new SutraSystem(state, Launch(state, port, infrastructure), port);
        await system.WaitUntilReadyAsync();
        return system;
    }

    /// <summary>Starts another AppHost on the same state, after the first has ended.</summary>
    public async Task RestartAsync(string infrastructure)
    {
        await AppHost.DisposeAsync();
        AppHost = Launch(_state, Port, infrastructure);
        await WaitUntilReadyAsync();
    }

    public async Task<string> LearnAsync(string content, object? metadata = null)
    {
        using var response = await Http.PostAsJsonAsync("/api/learn", new { content, metadata });
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(201, (int)response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("concept_id").GetString()!;
    }

    public async Task<JsonElement> QueryAsync(string query, int topK = 5)
    {
        using var response = await Http.PostAsJsonAsync("/api/query", new { query, top_k = topK });
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(200, (int)response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.Clone();
    }

    /// <summary>Polls <c>/health</c> until it answers <paramref name="status"/>; returns how long that took.</summary>
    public async Task<TimeSpan> WaitForHealthAsync(int status, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var last = "no answer";
        while (clock.Elapsed < limit)
        {
            try
            {
                using var response = await Http.GetAsync("/health");
                if ((int)response.StatusCode == status)
                {
                    return clock.Elapsed;
                }

                last = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
            }

            await Task.Delay(50);
        }

        Assert.Fail($"/health did not answer {status} within {limit.TotalSeconds} s; last: {last}\n{AppHost.Output}");
        return default;
    }

    /// <summary>The report of <c>/health</c>, whatever its status.</summary>
    public async Task<JsonElement> HealthAsync()
    {
        using var response = await Http.GetAsync("/health");
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.Clone();
    }

    /// <summary>The processes that the AppHost started, by what their command line contains.</summary>
    public IReadOnlyList<int> ProcessesOf(string commandLinePart) =>
        [.. ProcessTree.DescendantsOf(AppHost.Process.Id).Where(pid => ProcessTree.CommandLine(pid).Contains(commandLinePart, StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!AppHost.Process.HasExited)
        {
            Signal.Send(AppHost.Process.Id, Signal.Terminate);
            await AppHost.Process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        }

        await AppHost.DisposeAsync();
        _state.Dispose();
    }

    private static ServiceProcess Launch(TemporaryFolder state, int port, string infrastructure) => ServiceProcess.Start(
        Repository.Program("Sutra.AppHost"),
        new Dictionary<string, string?> { ["DOTNET_ENVIRONMENT"] = "Development", ["DOTNET_LAUNCH_PROFILE"] = "http" },
        $"--Sutra:StatePath={state.Path}",
        $"--Sutra:Port={port}",
        $"--Sutra:Infrastructure={infrastructure}");

    private async Task WaitUntilReadyAsync()
    {
        await AppHost.WaitForOkAsync($"http://localhost:{Port}/health", TimeSpan.FromSeconds(90));
        Key = (await File.ReadAllTextAsync(Path.Combine(StatePath, "first-key"))).Trim();
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    private static void RequireLocalBinaries()
    {
        if (OperatingSystem.IsWindows() || ExternalProgram.Find("redis-server") is null || ExternalProgram.FindPostgres() is null)
        {
            Assert.Inconclusive("redis-server and postgres are not both installed.");
        }
    }
}
