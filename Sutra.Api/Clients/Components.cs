namespace Sutra.Api.Clients;

/// <summary>The parts that the API depends on, by the names that problems, health and logs use.</summary>
internal static class Components
{
    public const string Embedder = "embedder";
    public const string Storage = "storage";
    public const string Audit = "audit";
    public const string Cache = "cache";
    public const string Jobs = "jobs";
}
