using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Querying;

/// <summary>Writes a filter in the form that <see cref="FilterReader"/> reads.</summary>
internal static class FilterWriter
{
    public static string Write(Filter filter)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(json, filter);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, Filter filter)
    {
        json.WriteStartObject();
        switch (filter.TestCase)
        {
            case Filter.TestOneofCase.And:
                Write(json, "and", filter.And);
                break;
            case Filter.TestOneofCase.Or:
                Write(json, "or", filter.Or);
                break;
            case Filter.TestOneofCase.Not:
                json.WritePropertyName("not");
                Write(json, filter.Not);
                break;
            case Filter.TestOneofCase.Equal:
                Write(json, "equal", filter.Equal);
                break;
            case Filter.TestOneofCase.Prefix:
                Write(json, "prefix", filter.Prefix);
                break;
            case Filter.TestOneofCase.In:
                json.WriteStartObject("in");
                json.WriteString("field", filter.In.Field);
                json.WriteStartArray("values");
                foreach (var value in filter.In.Values)
                {
                    json.WriteStringValue(value);
                }

                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case Filter.TestOneofCase.Range:
                Write(json, filter.Range);
                break;
            case Filter.TestOneofCase.Exists:
                json.WriteString("exists", filter.Exists);
                break;
            default:
                break;
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Filters filters)
    {
        json.WriteStartArray(name);
        foreach (var filter in filters.Filters_)
        {
            Write(json, filter);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, FieldValue test)
    {
        json.WriteStartObject(name);
        json.WriteString("field", test.Field);
        json.WriteString("value", test.Value);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FieldRange range)
    {
        json.WriteStartObject("range");
        json.WriteString("field", range.Field);
        if (range.HasGt)
        {
            json.WriteString("gt", range.Gt);
        }

        if (range.HasGte)
        {
            json.WriteString("gte", range.Gte);
        }

        if (range.HasLt)
        {
            json.WriteString("lt", range.Lt);
        }

        if (range.HasLte)
        {
            json.WriteString("lte", range.Lte);
        }

        json.WriteEndObject();
    }
}
