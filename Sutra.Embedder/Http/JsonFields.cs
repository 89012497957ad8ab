using System.Text.Json;
using Sutra.Embedder.Json;

namespace Sutra.Embedder.Http;

/// <summary>The fields of a body, checked; what is missing or null is null. A field that nobody asks for is ignored.</summary>
internal readonly struct JsonFields(JsonElement body)
{
    public bool TryGet(string name, out JsonElement value)
    {
        var member = body.Member(name);
        value = member ?? default;
        return member is not null;
    }

    public string? Text(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.TryText(out var text) ? text
            : value.ValueKind == JsonValueKind.String ? throw new RefusalException($"{name} is not valid Unicode.", name)
            : throw new RefusalException($"{name} must be a string.", name);
    }

    /// <summary>A whole number above 0.</summary>
    public int? Count(string name) =>
        TryGet(name, out var value) ? value.AsCount(1) ?? throw new RefusalException($"{name} must be a whole number above 0.", name) : null;

    public bool? Flag(string name) =>
        TryGet(name, out var value) ? value.AsFlag() ?? throw new RefusalException($"{name} must be true or false.", name) : null;

    /// <summary>One of several words, in any case.</summary>
    public T? Choice<T>(string name, ReadOnlySpan<(string Word, T Value)> choices)
        where T : struct
    {
        if (Text(name) is not { } word)
        {
            return null;
        }

        foreach (var choice in choices)
        {
            if (string.Equals(choice.Word, word, StringComparison.OrdinalIgnoreCase))
            {
                return choice.Value;
            }
        }

        var words = new List<string>();
        foreach (var choice in choices)
        {
            words.Add($"'{choice.Word}'");
        }

        throw new RefusalException($"{name} must be one of {string.Join(", ", words)}.", name);
    }
}
