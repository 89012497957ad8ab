using System.Text.Json;

namespace Sutra.Embedder.Http;

/// <summary>The fields of a body, checked; what is missing or null is null. A field that nobody asks for is ignored.</summary>
internal readonly struct JsonFields(JsonElement body)
{
    public bool TryGet(string name, out JsonElement value) =>
        body.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    public string? Text(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            throw new RefusalException($"{name} must be a string.", name);
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            throw new RefusalException($"{name} is not valid Unicode.", name);
        }
    }

    /// <summary>A whole number above 0.</summary>
    public int? Count(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count > 0
            ? count
            : throw new RefusalException($"{name} must be a whole number above 0.", name);
    }

    public bool? Flag(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new RefusalException($"{name} must be true or false.", name);
    }

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
