using System.Globalization;
using System.Text.Json;

namespace Sutra.Embedder.Http;

/// <summary>The fields of a body, from the query of an address: made JSON, so that one parser checks both.</summary>
internal static class QueryFields
{
    /// <summary>What <paramref name="read"/> makes of the fields of these names; others are ignored.</summary>
    public static T Read<T>(IQueryCollection query, ReadOnlySpan<string> names, Func<JsonFields, T> read)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var name in names)
            {
                Write(json, name, query[name]);
            }

            json.WriteEndObject();
        }

        using var body = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        return read(new JsonFields(body.RootElement));
    }

    private static void Write(Utf8JsonWriter json, string name, Microsoft.Extensions.Primitives.StringValues values)
    {
        if (values.Count > 1)
        {
            throw new RefusalException($"{name} is there more than once.", name);
        }

        if (values is not [{ } value])
        {
            return;
        }

        if (name == "dimensions" && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            json.WriteNumber(name, number);
        }
        else if (name == "truncate" && bool.TryParse(value, out var flag))
        {
            json.WriteBoolean(name, flag);
        }
        else
        {
            json.WriteString(name, value);
        }
    }
}
