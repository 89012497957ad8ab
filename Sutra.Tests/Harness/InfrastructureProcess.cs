using System.Diagnostics;
using System.Globalization;

namespace Sutra.Tests.Harness;

/// <summary>A server that one of the scripts in eng/infra runs, as the AppHost would run it.</summary>
internal sealed class InfrastructureProcess : ChildProcess
{
    private InfrastructureProcess(ProcessStartInfo start)
        : base(start)
    {
    }

    public static InfrastructureProcess Start(string script, string folder, int port, string passwordVariable, string password)
    {
        var start = new ProcessStartInfo(
            Path.Combine(Repository.Root, "eng", "infra", script), [folder, port.ToString(CultureInfo.InvariantCulture)]);
        start.Environment[passwordVariable] = password;
        return new InfrastructureProcess(start);
    }
}
