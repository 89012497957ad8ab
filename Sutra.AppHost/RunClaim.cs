using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sutra.AppHost;

/// <summary>One AppHost per data folder: a lock that the system lets go when the process ends, however it ends, and a file with its pid.</summary>
internal sealed class RunClaim : IDisposable
{
    private readonly FileStream _lock;
    private readonly AppHostSettings _settings;

    private RunClaim(FileStream held, AppHostSettings settings)
    {
        _lock = held;
        _settings = settings;
    }

    /// <summary>Null when publishing, which touches no data and listens nowhere.</summary>
    /// <exception cref="DistributedApplicationException">Another AppHost runs on that data, or the public port is taken.</exception>
    public static RunClaim? Make(IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return null;
        }

        var held = Lock(settings);
        if (!IsFree(settings.Port))
        {
            held.Dispose();
            throw new DistributedApplicationException(
                $"Port {settings.Port}, where the gateway's endpoint 'http' is to listen, is taken by another program: choose another port with --Sutra:Port or the variable Sutra__Port.");
        }

        File.WriteAllText(settings.PidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        return new RunClaim(held, settings);
    }

    public void Dispose()
    {
        File.Delete(_settings.PidFile);
        File.Delete(_settings.InfrastructureFile);
        _lock.Dispose();
    }

    private static FileStream Lock(AppHostSettings settings)
    {
        try
        {
            Directory.CreateDirectory(settings.DataPath);
            Directory.CreateDirectory(Path.GetDirectoryName(settings.PidFile)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The data folder {settings.DataPath} cannot be made: {e.Message}", e);
        }

        try
        {
            return new FileStream(Path.Combine(settings.DataPath, "apphost.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DistributedApplicationException($"The data folder {settings.DataPath} cannot be written to: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new DistributedApplicationException(
                $"Another AppHost{OwnerIn(settings.PidFile)} is already running on {settings.DataPath}: stop it, or choose another folder with --Sutra:StatePath.", e);
        }
    }

    private static string OwnerIn(string pidFile)
    {
        try
        {
            return $" (process {File.ReadAllText(pidFile).Trim()})";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
