namespace Sutra.Storage.Associations.Extraction;

/// <summary>What kind of thing an entity is: the first byte of its term, so that the same letters of different kinds are different entities.</summary>
internal enum EntityKind : byte
{
    /// <summary>Capitalised words, acronyms, tickers.</summary>
    Name = (byte)'n',

    /// <summary>ABC-123.</summary>
    Identifier = (byte)'i',

    /// <summary>2024-01-05, or 2024-01 when there is no day.</summary>
    Date = (byte)'d',

    Email = (byte)'e',

    Url = (byte)'u',

    /// <summary>@name.</summary>
    Handle = (byte)'h',

    /// <summary>#topic.</summary>
    Tag = (byte)'t',

    /// <summary>key=value of the metadata.</summary>
    Metadata = (byte)'m',
}
