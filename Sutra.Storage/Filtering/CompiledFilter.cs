namespace Sutra.Storage.Filtering;

/// <summary>A filter that was checked, with its values as they are compared. Unchanging; for any number of threads.</summary>
/// <param name="Root">Of its tests.</param>
/// <param name="Key">Equal for equal filters.</param>
internal sealed record CompiledFilter(FilterNode Root, string Key)
{
    /// <param name="payload">Of a concept's learn record, its head checked.</param>
    /// <exception cref="InvalidDataException">The payload is not what was written.</exception>
    public bool Matches(ReadOnlySpan<byte> payload) => Root.Matches(new FilterRow(payload));

    // The key is user text.
    public override string ToString() => nameof(CompiledFilter);
}
