using System.Text.Json;

namespace Sutra.Embedder.Http;

/// <summary>Lists of token ids in a body. Whether a model has them is not known yet.</summary>
internal static class TokenIds
{
    /// <param name="list">A JSON array.</param>
    /// <param name="path">What the list is called.</param>
    /// <param name="field">The field of the body that it is in.</param>
    public static int[] Read(JsonElement list, string path, string field)
    {
        var ids = new int[list.GetArrayLength()];
        if (ids.Length == 0)
        {
            throw new RefusalException($"{path} is an empty list.", field);
        }

        var i = 0;
        foreach (var entry in list.EnumerateArray())
        {
            ids[i++] = ReadOne(entry, path, field);
        }

        return ids;
    }

    public static int ReadOne(JsonElement entry, string path, string? field = null) =>
        entry.ValueKind == JsonValueKind.Number && entry.TryGetInt32(out var id)
            ? id
            : throw new RefusalException($"{path} must hold token ids only, which are whole numbers.", field ?? path);
}
