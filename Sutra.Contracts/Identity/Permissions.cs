namespace Sutra.Contracts.Identity;

/// <summary>Scopes of keys and tokens; also the names of the authorization policies that ask for them.</summary>
public static class Permissions
{
    /// <summary>Embed texts, read concepts, ask questions.</summary>
    public const string Read = "embedding.read";

    /// <summary>Learn and delete.</summary>
    public const string Write = "embedding.write";

    /// <summary>Everything, administration included.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Read, Write, Admin];
}
