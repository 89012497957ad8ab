using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Filtering;
using FieldInfo = Sutra.Storage.Filtering.FieldInfo;
using FieldMessage = Sutra.Contracts.Storage.V1.FieldInfo;

namespace Sutra.Storage.Grpc;

/// <summary>Between what metadata there is and its messages.</summary>
internal static class FieldMessages
{
    // The tag and the length before each field, at most.
    private const int OverheadBytes = 6;

    /// <param name="room">Bytes of the answer, at most; there is always room for all fields without their values.</param>
    public static FieldsResponse ToMessage(FieldSurvey survey, int room)
    {
        var response = new FieldsResponse { Incomplete = !survey.Complete, Fields = { survey.Fields.Select(ToMessage) } };
        room -= response.CalculateSize();
        for (var i = 0; i < survey.Fields.Count; i++)
        {
            var message = response.Fields[i];
            var before = message.CalculateSize();
            message.Values.AddRange(survey.Fields[i].Values);
            var size = message.CalculateSize() - before + OverheadBytes;
            if (size > room)
            {
                message.Values.Clear();
                response.Incomplete = true;
                continue;
            }

            room -= size;
        }

        return response;
    }

    private static FieldMessage ToMessage(FieldInfo field) => new()
    {
        Name = field.Name,
        Concepts = field.Concepts,
        Distinct = field.Distinct,
        DistinctCapped = field.DistinctCapped,
        Numbers = field.Numbers,
        Times = field.Times,
        MinNumber = field.NumberRange?.Least ?? 0,
        MaxNumber = field.NumberRange?.Greatest ?? 0,
        MinTime = field.TimeRange?.Least ?? 0,
        MaxTime = field.TimeRange?.Greatest ?? 0,
    };
}
