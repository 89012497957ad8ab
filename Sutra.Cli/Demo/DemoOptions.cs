namespace Sutra.Cli.Demo;

/// <summary>Where and how the demo runs.</summary>
/// <param name="Url">The gateway.</param>
/// <param name="Key">API key, <c>sutra_…</c>.</param>
internal sealed record DemoOptions(Uri Url, string Key)
{
    /// <summary>Learn requests under way at once; default 8.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Evidence shown per question; default 3.</summary>
    public int Evidence { get; init; } = 3;
}
