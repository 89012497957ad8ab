namespace Sutra.Cli.Lifecycle;

/// <summary>
/// What is said when Sutra is ready: how long it took, where it is, requests to paste, and a key that was made at this start.
/// The key itself goes to a terminal only: whatever else takes the output may keep it, such as a log.
/// </summary>
/// <param name="checkout">Whose first key it is.</param>
internal sealed class Announcement(Checkout checkout)
{
    // Read before the start: a key that is there by then was shown when it was made.
    private readonly string? _keyBefore = ReadKey(checkout);

    public async Task WriteAsync(TextWriter output, Uri gateway, TimeSpan took)
    {
        var key = ReadKey(checkout);
        var isTerminal = !Console.IsOutputRedirected;
        var isNew = key is not null && key != _keyBefore;
        if (isNew)
        {
            // Not behind it: a shell that is pasted to may take no comments.
            await output.WriteLineAsync(isTerminal
                ? $"\nYour first API key is shown below, this once; {checkout.FirstKeyFile} keeps it, readable by you only."
                : $"\nYour first API key is in {checkout.FirstKeyFile}, readable by you only.");
        }

        await output.WriteLineAsync($$"""

            ready in {{took.TotalSeconds:0.0}} s: {{gateway}}

              KEY={{(isNew && isTerminal ? key : key is null ? "sutra_..." : $"$(cat '{checkout.FirstKeyFile}')")}}
              curl -s {{gateway}}api/learn -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"content": "Sutra means thread."}'
              curl -s {{gateway}}api/query -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"query": "What does sutra mean?"}'

            """);
    }

    private static string? ReadKey(Checkout checkout)
    {
        try
        {
            return File.ReadAllText(checkout.FirstKeyFile).Trim() is { Length: > 0 } key ? key : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
