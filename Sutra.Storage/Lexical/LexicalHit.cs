namespace Sutra.Storage.Lexical;

/// <summary>A row that was found.</summary>
/// <param name="Part">Number of the part, as they were given.</param>
/// <param name="Row">Row in it.</param>
/// <param name="Score">BM25, above zero.</param>
internal readonly record struct LexicalHit(int Part, int Row, float Score);

/// <summary>Says which rows may be found. A struct, so that asking costs no call.</summary>
internal interface IRowFilter
{
    bool Accepts(int part, int row);
}

/// <summary>Says which of rows with equal scores comes first: the one with the smaller key. Different for every row.</summary>
internal interface IRowKey
{
    ulong Key(int part, int row);
}

/// <summary>Everything may be found.</summary>
internal readonly struct AllRows : IRowFilter
{
    public bool Accepts(int part, int row) => true;
}

/// <summary>The earlier part, then the smaller row.</summary>
internal readonly struct PlaceKey : IRowKey
{
    public ulong Key(int part, int row) => ((ulong)(uint)part << 32) | (uint)row;
}

/// <summary>The way to the best rows. All give the same.</summary>
internal enum LexicalWay
{
    /// <summary>Whichever is likely to be faster.</summary>
    Automatic,

    /// <summary>Block-Max WAND: passes over blocks that cannot matter.</summary>
    BlockMax,

    /// <summary>Scores every row that has a term.</summary>
    Exhaustive,
}
