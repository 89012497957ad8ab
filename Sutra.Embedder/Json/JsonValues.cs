using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Sutra.Embedder.Json;

/// <summary>Values of JSON that others wrote, read without exceptions: what to say of a wrong one, its reader knows.</summary>
internal static class JsonValues
{
    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Member(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>False: it is no string, or holds half a surrogate pair or bytes that are not UTF-8.</summary>
    public static bool TryText(this JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        try
        {
            text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // How the reader says so.
        }

        return text is not null;
    }

    /// <summary>Null: it is neither true nor false.</summary>
    public static bool? AsFlag(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>Null: it is no whole number from <paramref name="least"/> on.</summary>
    public static int? AsCount(this JsonElement value, int least) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least ? number : null;
}
