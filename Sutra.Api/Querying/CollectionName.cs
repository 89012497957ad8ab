namespace Sutra.Api.Querying;

/// <summary>What collections and aliases may be called.</summary>
internal static class CollectionName
{
    public const string Rule = "A collection is named by 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit.";

    public static bool IsValid(string name) =>
        name.Length is >= 1 and <= 64 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
}
