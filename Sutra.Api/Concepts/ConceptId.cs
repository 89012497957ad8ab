namespace Sutra.Api.Concepts;

internal static class ConceptId
{
    public const int Length = 16;

    /// <summary>16 hex digits, in lower case as the storage writes them.</summary>
    public static bool TryParse(string? text, out string id)
    {
        id = "";
        if (text is not { Length: Length } || !text.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        id = text.ToLowerInvariant();
        return true;
    }
}
