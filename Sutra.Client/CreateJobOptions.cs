namespace Sutra.Client;

/// <summary>How an upload is learned; what is null is the server's default.</summary>
public sealed record CreateJobOptions
{
    public string? Collection { get; init; }

    /// <summary>The data subject of items that have none of their own.</summary>
    public string? Owner { get; init; }

    /// <summary>0 (last) to 9 (first); default 5.</summary>
    public int? Priority { get; init; }

    /// <summary>The column of a CSV that holds the content; default <c>content</c>.</summary>
    public string? ContentColumn { get; init; }

    /// <summary>An http or https address that is told of the end.</summary>
    public Uri? Webhook { get; init; }
}
