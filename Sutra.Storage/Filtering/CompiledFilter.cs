namespace Sutra.Storage.Filtering;

/// <summary>A filter that was checked, with its values as they are compared. Unchanging; for any number of threads.</summary>
/// <param name="Root">Of its tests.</param>
/// <param name="Key">Equal for equal filters.</param>
/// <param name="Fields">Metadata that is looked up once for all tests; null: each test looks for its own.</param>
internal sealed record CompiledFilter(FilterNode Root, string Key, MetadataFields? Fields)
{
    /// <param name="payload">Of a concept's learn record, its head checked.</param>
    /// <exception cref="InvalidDataException">The payload is not what was written.</exception>
    public bool Matches(ReadOnlySpan<byte> payload)
    {
        if (Fields is null)
        {
            return Root.Matches(new FilterRow(payload, []));
        }

        // At most 512.
        Span<FieldValue> values = stackalloc FieldValue[Fields.Count];
        values.Clear();
        Fields.Find(payload, values);
        return Root.Matches(new FilterRow(payload, values));
    }

    // The key is user text.
    public override string ToString() => nameof(CompiledFilter);
}
