namespace Sutra.Contracts.Api;

/// <summary>Answer of <c>GET /api/collections/{name}/fields</c>: what metadata there is, as of one moment.</summary>
/// <param name="Fields">Sorted by name; at most 1,000.</param>
/// <param name="Incomplete">There are more fields, or values were left out because there would be too many.</param>
public sealed record CollectionFieldsResponse(IReadOnlyList<CollectionField> Fields, bool Incomplete);

/// <summary>A metadata key, and what values it has.</summary>
/// <param name="Name">As filters name it: a key that begins with <c>$</c> has another one before it.</param>
/// <param name="Concepts">That have it.</param>
/// <param name="Distinct">Different values.</param>
/// <param name="DistinctCapped">There are at least so many different ones, and more than 10,000.</param>
/// <param name="Numbers">Concepts whose value is a number; null when none is.</param>
/// <param name="Times">Concepts whose value is a date or a time; null when none is.</param>
/// <param name="Values">All of them, sorted; null when there are more than were asked for.</param>
public sealed record CollectionField(
    string Name,
    long Concepts,
    long Distinct,
    bool DistinctCapped,
    NumberRange? Numbers,
    TimeRange? Times,
    IReadOnlyList<string>? Values);

/// <param name="Concepts">Whose value is a number.</param>
public sealed record NumberRange(long Concepts, double Min, double Max);

/// <param name="Concepts">Whose value is a date or a time.</param>
public sealed record TimeRange(long Concepts, DateTimeOffset Min, DateTimeOffset Max);
