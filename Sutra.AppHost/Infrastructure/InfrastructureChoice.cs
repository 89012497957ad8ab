using System.ComponentModel;
using System.Diagnostics;

namespace Sutra.AppHost.Infrastructure;

internal enum PartKind
{
    Embedded,
    Local,
    Container,
}

/// <summary>Which kind of cache and audit database this run has, and why.</summary>
internal sealed record InfrastructureChoice(PartKind Cache, string WhyCache, PartKind Audit, string WhyAudit)
{
    // Aspire's own, the second of older versions.
    private static readonly string[] s_runtimeVariables = ["ASPIRE_CONTAINER_RUNTIME", "DOTNET_ASPIRE_CONTAINER_RUNTIME"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private string CacheText => $"{Cache switch { PartKind.Container => "Redis container", PartKind.Local => "Redis process", _ => "in the process only" }} ({WhyCache})";

    private string AuditText => $"{Audit switch { PartKind.Container => "PostgreSQL container", PartKind.Local => "PostgreSQL process", _ => "hash-chained file" }} ({WhyAudit})";

    /// <exception cref="DistributedApplicationException">What was asked for explicitly is not there.</exception>
    public static InfrastructureChoice Make(InfrastructureKind asked)
    {
        if (asked == InfrastructureKind.Embedded)
        {
            return new(PartKind.Embedded, "as asked for", PartKind.Embedded, "as asked for");
        }

        if (asked is InfrastructureKind.Auto or InfrastructureKind.Container)
        {
            if (ContainerRuntimeAnswers())
            {
                return new(PartKind.Container, "a container runtime answers", PartKind.Container, "a container runtime answers");
            }

            if (asked == InfrastructureKind.Container)
            {
                throw new DistributedApplicationException(
                    "Sutra:Infrastructure is 'container', but no container runtime answers: start Docker or Podman (the one that ASPIRE_CONTAINER_RUNTIME names, if it is set), or choose auto, local or embedded.");
            }
        }

        var redis = LocalPrograms.Redis;
        var postgres = LocalPrograms.Postgres;
        if (asked == InfrastructureKind.Local && (redis is null || postgres is null))
        {
            throw new DistributedApplicationException(
                $"Sutra:Infrastructure is 'local', but {(redis is null ? "redis-server" : "postgres with initdb")} was not found on this machine: install it, or choose auto or embedded.");
        }

        return new(
            redis is null ? PartKind.Embedded : PartKind.Local,
            redis ?? "no container runtime answers and there is no redis-server",
            postgres is null ? PartKind.Embedded : PartKind.Local,
            postgres ?? "no container runtime answers and there is no postgres with initdb");
    }

    /// <summary>One line on stdout, and a line per part in <paramref name="file"/>.</summary>
    public void Announce(string file)
    {
        Console.WriteLine($"Infrastructure: cache = {CacheText}; audit = {AuditText}.");
        File.WriteAllText(file, $"cache: {CacheText}\naudit: {AuditText}\n");
    }

    /// <summary>One of those that Aspire would ask: the one it is told to use, else docker, then podman.</summary>
    private static bool ContainerRuntimeAnswers() =>
        s_runtimeVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(name => name is { Length: > 0 }) is { } named
            ? Answers(named)
            : Answers("docker") || Answers("podman");

    private static bool Answers(string runtime)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(runtime, ["container", "ls", "--quiet", "--last", "1"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            if (process.WaitForExit(s_patience))
            {
                return process.ExitCode == 0;
            }

            process.Kill();
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
