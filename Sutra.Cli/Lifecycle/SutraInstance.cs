using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sutra.Cli.Lifecycle;

/// <summary>The one Sutra of a checkout: is it up, start it, stop it.</summary>
internal sealed class SutraInstance(Checkout checkout, TextWriter output) : IDisposable
{
    /// <summary>How long a start may take before it counts as failed.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public Checkout Checkout => checkout;

    /// <summary>The gateway's address; starts Sutra in the background and waits until it is healthy, if it is not up.</summary>
    public async Task<Uri> EnsureUpAsync(CancellationToken cancellation) => await StartDetachedAsync(port: null, cancellation);

    /// <inheritdoc cref="EnsureUpAsync"/>
    /// <param name="port">Public port; null: 8080.</param>
    public async Task<Uri> StartDetachedAsync(int? port, CancellationToken cancellation)
    {
        if (AppHostProcess.Find(checkout) is { } running)
        {
            var address = Checkout.Address(checkout.Port());
            await WaitUntilHealthyAsync(address, () => IsRunning(running), cancellation);
            await output.WriteLineAsync($"Sutra is already up at {address} (process {running}).");
            return address;
        }

        var (gateway, start) = Prepare(port);
        var watch = Stopwatch.StartNew();
        var announcement = new Announcement(checkout);
        var pid = Detached.Start(start, checkout.Log);
        try
        {
            await WaitUntilHealthyAsync(gateway, () => IsRunning(pid), cancellation);
        }
        catch (Exception e)
        {
            await StopProcessAsync(pid);
            if (e is CliException)
            {
                throw new CliException($"{e.Message} The last lines of {checkout.Log}:\n{string.Join('\n', Detached.Tail(checkout.Log, 15))}");
            }

            throw;
        }

        await announcement.WriteAsync(output, gateway, watch.Elapsed);
        return gateway;
    }

    /// <summary>Where it will be and how to start it; throws when the port is somebody else's.</summary>
    public (Uri Gateway, ProcessStartInfo Start) Prepare(int? port)
    {
        var chosen = port ?? Checkout.DefaultPort;
        if (IsTaken(chosen))
        {
            throw new CliException($"Port {chosen} is taken by another program; choose one with --port.");
        }

        var start = AppHostLaunch.Create(checkout, chosen);
        checkout.RememberPort(chosen);
        return (Checkout.Address(chosen), start);
    }

    public async Task WaitUntilHealthyAsync(Uri gateway, Func<bool> running, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        HealthReport? last = null;
        while (true)
        {
            if (!running())
            {
                throw new CliException("Sutra did not start: the AppHost has ended.");
            }

            last = await GatewayHealth.AskAsync(_http, gateway, cancellation) ?? last;
            if (last?.Status is "Healthy" or "Degraded")
            {
                return;
            }

            if (watch.Elapsed > StartLimit)
            {
                var sick = last?.Components.Where(component => component.Status == "Unhealthy").Select(component => component.Name) ?? ["the gateway does not answer"];
                throw new CliException($"Sutra did not become healthy within {StartLimit.TotalSeconds:0} s: {string.Join(", ", sick)}.");
            }

            await Task.Delay(PollEvery, cancellation);
        }
    }

    public Task<HealthReport?> HealthAsync(Uri gateway, CancellationToken cancellation) => GatewayHealth.AskAsync(_http, gateway, cancellation);

    /// <summary>Stops it and waits; false when it was not running. Throws when something of it is left.</summary>
    public async Task<bool> StopAsync()
    {
        if (AppHostProcess.Find(checkout) is not { } pid)
        {
            return false;
        }

        var port = checkout.Port();
        await StopProcessAsync(pid);
        if (IsTaken(port) && await HealthAsync(Checkout.Address(port), CancellationToken.None) is not null)
        {
            throw new CliException($"The AppHost has ended, but something still answers on port {port}.");
        }

        return true;
    }

    public void Dispose() => _http.Dispose();

    private static async Task StopProcessAsync(int pid)
    {
        var family = ProcessTable.Tree(ProcessTable.Read(), pid);
        Signals.Terminate(pid);
        var watch = Stopwatch.StartNew();
        while (IsRunning(pid) || Left(family).Count > 0)
        {
            if (watch.Elapsed > StopLimit)
            {
                Signals.KillTree(pid);
                foreach (var process in Left(family))
                {
                    Signals.KillTree(process.Id);
                }

                throw new CliException($"Sutra did not stop within {StopLimit.TotalSeconds:0} s and was killed.");
            }

            await Task.Delay(PollEvery);
        }
    }

    // A process is still the same one if its command is: pids are given out again.
    private static IReadOnlyList<ProcessEntry> Left(IReadOnlyList<ProcessEntry> family)
    {
        if (family.Count == 0)
        {
            return [];
        }

        var now = ProcessTable.Read().ToDictionary(process => process.Id);
        return [.. family.Where(process => now.TryGetValue(process.Id, out var same) && same.Command == process.Command)];
    }

    private static bool IsRunning(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited && !IsZombie(pid);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsZombie(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].StartsWith('Z');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsTaken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
