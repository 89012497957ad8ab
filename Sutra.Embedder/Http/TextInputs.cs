using System.Text.Json;
using Sutra.Embedder.Json;

namespace Sutra.Embedder.Http;

/// <summary>What a body wants embedded. Exactly one of <see cref="Texts"/> and <see cref="Tokens"/> is there.</summary>
internal sealed class TextInputs
{
    private TextInputs(string[]? texts, int[][]? tokens, HashSet<int>? unreadable = null)
    {
        Texts = texts;
        Tokens = tokens;
        Unreadable = unreadable;
    }

    public string[]? Texts { get; }

    public int[][]? Tokens { get; }

    /// <summary>Places of texts that are not valid Unicode; empty texts stand there instead. Null: none.</summary>
    public IReadOnlySet<int>? Unreadable { get; }

    public int Count => Texts?.Length ?? Tokens!.Length;

    /// <summary>A text, a list of texts, a list of token ids or a list of such lists.</summary>
    /// <param name="fields">Of the body.</param>
    /// <param name="name">The field.</param>
    /// <param name="most">Most texts.</param>
    /// <param name="failsAlone">A text that is empty or not Unicode is left to fail by itself instead of failing the request.</param>
    public static TextInputs Read(JsonFields fields, string name, int most, bool failsAlone)
    {
        if (!fields.TryGet(name, out var input))
        {
            throw new RefusalException($"{name} is missing: a text, a list of texts, or lists of token ids.", name);
        }

        if (input.ValueKind == JsonValueKind.String)
        {
            HashSet<int>? unreadable = null;
            return new TextInputs([ReadText(input, name, 0, failsAlone, ref unreadable)], null, unreadable);
        }

        return input.ValueKind == JsonValueKind.Array
            ? ReadList(input, name, most, failsAlone)
            : throw new RefusalException($"{name} must be a text, a list of texts, or lists of token ids.", name);
    }

    private static TextInputs ReadList(JsonElement input, string name, int most, bool failsAlone)
    {
        var count = input.GetArrayLength();
        if (count == 0)
        {
            throw new RefusalException($"{name} is an empty list.", name);
        }

        var first = input[0].ValueKind;
        if (first == JsonValueKind.Number)
        {
            return new TextInputs(null, [TokenIds.Read(input, $"{name}[0]", name)]);
        }

        if (first is not (JsonValueKind.String or JsonValueKind.Array))
        {
            throw new RefusalException($"{name}[0] must be a text or a list of token ids.", name);
        }

        if (count > most)
        {
            throw new RefusalException($"{name} has {count} entries; the most is {most}.", name, "too_many_texts");
        }

        var texts = first == JsonValueKind.String ? new string[count] : null;
        var tokens = first == JsonValueKind.Array ? new int[count][] : null;
        HashSet<int>? unreadable = null;
        var index = 0;
        foreach (var entry in input.EnumerateArray())
        {
            if (entry.ValueKind != first)
            {
                throw new RefusalException($"{name}[{index}] is not of the same kind as {name}[0].", name);
            }

            if (texts is not null)
            {
                texts[index] = ReadText(entry, name, index, failsAlone, ref unreadable);
            }
            else
            {
                tokens![index] = TokenIds.Read(entry, $"{name}[{index}]", name);
            }

            index++;
        }

        return new TextInputs(texts, tokens, unreadable);
    }

    private static string ReadText(JsonElement entry, string name, int index, bool failsAlone, ref HashSet<int>? unreadable)
    {
        if (!entry.TryText(out var text))
        {
            if (!failsAlone)
            {
                throw new RefusalException($"{name}[{index}] is not valid Unicode.", name, "invalid_unicode");
            }

            (unreadable ??= []).Add(index);
            return "";
        }

        return text.Length > 0 || failsAlone ? text : throw new RefusalException($"{name}[{index}] is empty.", name, "empty_text");
    }
}
