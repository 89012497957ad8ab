namespace Sutra.Storage.Filtering;

/// <summary>A metadata key of living concepts, and what its values are like.</summary>
/// <param name="Name">As filters name it.</param>
/// <param name="Concepts">That have it.</param>
/// <param name="Distinct">Different values.</param>
/// <param name="DistinctCapped">There are at least so many, and more than <see cref="FieldSurvey.DistinctLimit"/>.</param>
/// <param name="Numbers">Concepts whose value is a number.</param>
/// <param name="Times">Concepts whose value is a time.</param>
/// <param name="NumberRange">The least and the greatest; null when there are none.</param>
/// <param name="TimeRange">Alike, in ms since 1970 UTC.</param>
/// <param name="Values">All of them, in the order of their bytes; empty when there are more than were asked for.</param>
public sealed record FieldInfo(
    string Name,
    long Concepts,
    long Distinct,
    bool DistinctCapped,
    long Numbers,
    long Times,
    (double Least, double Greatest)? NumberRange,
    (long Least, long Greatest)? TimeRange,
    IReadOnlyList<string> Values)
{
    // Names and values are user text.
    public override string ToString() => $"{nameof(FieldInfo)} of {Concepts} concepts";
}

/// <param name="Fields">In the order of their names' bytes.</param>
/// <param name="Complete">False: there are more than <see cref="FieldSurvey.FieldLimit"/>.</param>
public sealed record FieldSurvey(IReadOnlyList<FieldInfo> Fields, bool Complete)
{
    public const int FieldLimit = 1000;

    /// <summary>Beyond so many, different values are not told apart any more, unless all of the field lie in one segment.</summary>
    public const int DistinctLimit = 10_000;
}
