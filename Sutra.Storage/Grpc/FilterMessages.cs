using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Filter = Sutra.Storage.Filtering.Filter;
using Message = Sutra.Contracts.Storage.V1.Filter;

namespace Sutra.Storage.Grpc;

/// <summary>Filters out of their messages. What they may be is the engine's to say; only what would not become a filter at all is refused here.</summary>
internal static class FilterMessages
{
    /// <returns>Null for none: everything.</returns>
    /// <exception cref="InvalidConceptException">It tests nothing, or is too deep.</exception>
    public static Filter? FromMessage(Message? message) => message is null ? null : Read(message, "filter", 1);

    private static Filter Read(Message message, string path, int depth)
    {
        if (depth > FilterLimits.Depth)
        {
            throw new InvalidConceptException(path, $"at most {FilterLimits.Depth} filters within each other");
        }

        return message.TestCase switch
        {
            Message.TestOneofCase.And => new AndFilter(Read(message.And, path + ".and", depth)),
            Message.TestOneofCase.Or => new OrFilter(Read(message.Or, path + ".or", depth)),
            Message.TestOneofCase.Not => new NotFilter(Read(message.Not, path + ".not", depth + 1)),
            Message.TestOneofCase.Equal => new EqualFilter(message.Equal.Field, message.Equal.Value),
            Message.TestOneofCase.In => new InFilter(message.In.Field, message.In.Values),
            Message.TestOneofCase.Range => Range(message.Range),
            Message.TestOneofCase.Exists => new ExistsFilter(message.Exists),
            Message.TestOneofCase.Prefix => new PrefixFilter(message.Prefix.Field, message.Prefix.Value),
            _ => throw new InvalidConceptException(path, "must be one of and, or, not, equal, in, range, exists, prefix"),
        };
    }

    private static Filter[] Read(Filters filters, string path, int depth)
    {
        if (filters.Filters_.Count > FilterLimits.Nodes)
        {
            throw new InvalidConceptException(path, $"at most {FilterLimits.Nodes} filters in all");
        }

        return [.. filters.Filters_.Select((filter, i) => Read(filter, $"{path}[{i}]", depth + 1))];
    }

    private static RangeFilter Range(FieldRange range) => new(range.Field)
    {
        Gt = range.HasGt ? range.Gt : null,
        Gte = range.HasGte ? range.Gte : null,
        Lt = range.HasLt ? range.Lt : null,
        Lte = range.HasLte ? range.Lte : null,
    };
}
