using System.Text;
using System.Text.Json;
using Sutra.Embedder.Json;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>Fields of a file's objects; a <see cref="FormatException"/> names the one that is missing or of another type.</summary>
internal static class TokenizerFields
{
    public static string Type(this JsonElement parent, string what) => parent.ValueKind != JsonValueKind.Object
        ? throw new FormatException($"its {what} is not an object.")
        : parent.OptionalText("type") ?? throw new FormatException($"its {what} has no type.");

    /// <summary>An object, or null where it is missing or null.</summary>
    public static JsonElement? OptionalObject(this JsonElement parent, string name) => parent.Member(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? value
        : throw Wrong(name, "an object");

    public static JsonElement List(this JsonElement parent, string name) => parent.Member(name) is { ValueKind: JsonValueKind.Array } value
        ? value
        : throw Wrong(name, "a list");

    public static string? OptionalText(this JsonElement parent, string name) => parent.Member(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? TextOf(value, name)
        : throw Wrong(name, "text");

    public static string Text(this JsonElement parent, string name) => parent.OptionalText(name) ?? throw Wrong(name, "text");

    public static bool? OptionalFlag(this JsonElement parent, string name) =>
        parent.Member(name) is { } value ? value.AsFlag() ?? throw Wrong(name, "true or false") : null;

    public static bool Flag(this JsonElement parent, string name) => parent.OptionalFlag(name) ?? throw Wrong(name, "true or false");

    /// <summary>A whole number from 0 on.</summary>
    public static int? OptionalCount(this JsonElement parent, string name) => parent.Member(name) is { } value ? CountOf(value, name) : null;

    public static int Count(this JsonElement parent, string name) => parent.OptionalCount(name) ?? throw Wrong(name, "a whole number");

    public static int CountOf(JsonElement value, string what) =>
        value.AsCount(0) ?? throw new FormatException($"{what} is {Shown(value)}; it must be a whole number from 0 on.");

    /// <summary>One character.</summary>
    public static Rune Character(this JsonElement parent, string name)
    {
        var text = parent.Text(name);
        return text.Length > 0 && Rune.TryGetRuneAt(text, 0, out var rune) && rune.Utf16SequenceLength == text.Length ? rune : throw Wrong(name, "one character");
    }

    public static string TextOf(JsonElement value, string what) =>
        value.TryText(out var text) ? text : throw new FormatException($"{what} is not text, or has half a surrogate pair.");

    /// <summary>A value as it is written, unless that is long.</summary>
    public static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 80 ? text : text[..80] + "…";
    }

    private static FormatException Wrong(string name, string expected) => new($"{name} is missing, or not {expected}.");
}
