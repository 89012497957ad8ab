namespace Sutra.Cli.Lifecycle;

/// <summary>What is said when Sutra is ready: how long it took, where it is, and a request to paste.</summary>
internal static class Announcement
{
    public static async Task WriteAsync(TextWriter output, Checkout checkout, Uri gateway, TimeSpan took)
    {
        var key = File.Exists(checkout.FirstKeyFile) ? $"$(cat '{checkout.FirstKeyFile}')" : "$SUTRA_API_KEY";
        await output.WriteLineAsync($$"""

            ready in {{took.TotalSeconds:0.0}} s: {{gateway}}

              curl -s {{gateway}}api/learn -H "Authorization: Bearer {{key}}" -H 'Content-Type: application/json' -d '{"content": "Sutra means thread."}'
              curl -s {{gateway}}api/query -H "Authorization: Bearer {{key}}" -H 'Content-Type: application/json' -d '{"query": "What does sutra mean?"}'

            """);
    }
}
