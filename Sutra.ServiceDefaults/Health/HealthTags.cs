namespace Sutra.ServiceDefaults.Health;

/// <summary>Which endpoint a health check speaks for; a check may carry both tags.</summary>
public static class HealthTags
{
    /// <summary>Shown in <c>/health</c>: the state of this service and of all it depends on.</summary>
    public const string Health = "health";

    /// <summary>Decides <c>/ready</c>: may this instance be given traffic?</summary>
    public const string Ready = "ready";
}
