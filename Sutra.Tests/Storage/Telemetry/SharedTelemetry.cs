using Sutra.Storage.Telemetry;

namespace Sutra.Tests.Storage.Telemetry;

/// <summary>
/// One for all tests that do not look at metrics. Meters that nobody disposes stay for the life of the process, and whatever listens to meters later, such as a test
/// of telemetry, goes through thousands of them.
/// </summary>
internal static class SharedTelemetry
{
    public static StorageTelemetry Instance { get; } = new();
}
