using Sutra.Storage.Vectors;

namespace Sutra.Storage.Lexical;

/// <summary>
/// Rows and their terms, as they are searched: a <see cref="LexicalSnapshot"/> of a growing index, or a <see cref="LexicalImage"/>.
/// Unchanging; for any number of threads.
/// </summary>
internal abstract class LexicalPart
{
    /// <summary>Rows are 0 to this - 1.</summary>
    public int Rows { get; protected init; }

    /// <summary>Rows that have a term.</summary>
    public int Documents { get; protected init; }

    /// <summary>Sum of the rows' lengths in terms, each as its byte says.</summary>
    public long TotalLength { get; protected init; }

    /// <summary>A byte a row: <see cref="LengthCode"/>.</summary>
    internal RowView Lengths { get; private protected init; }

    /// <summary>In how many rows a term is, 0 if in none.</summary>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public int DocumentFrequency(ReadOnlySpan<byte> term) => TryFind(term, out var postings) ? postings.Frequency : 0;

    internal abstract bool TryFind(ReadOnlySpan<byte> term, out TermPostings postings);

    /// <summary>All terms in the order of their bytes.</summary>
    internal abstract TermEnumerator Terms();
}

/// <summary>Where the rows of a term are.</summary>
internal readonly unsafe struct TermPostings
{
    /// <summary>How many.</summary>
    public int Frequency { get; init; }

    /// <summary>Of an image: its bytes; null in a growing index.</summary>
    public byte* Data { get; init; }

    public long Length { get; init; }

    /// <summary>Of a growing index: the term's number.</summary>
    public uint Term { get; init; }
}

/// <summary>Terms one after the other. <see cref="Term"/> is valid until the next move.</summary>
internal abstract class TermEnumerator
{
    public abstract ReadOnlySpan<byte> Term { get; }

    public abstract TermPostings Postings { get; }

    public abstract bool MoveNext();
}
