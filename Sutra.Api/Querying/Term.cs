namespace Sutra.Api.Querying;

/// <summary>What a term is worth to a match; the later, the more.</summary>
internal enum TermKind
{
    /// <summary>An ordinary word, by its stem.</summary>
    Word,

    /// <summary>A name, ticker or code: capitalised inside a sentence, in capitals, or with digits in it.</summary>
    Name,

    /// <summary>A date or a number: it matches exactly or not at all.</summary>
    Exact,
}

/// <summary>One unit of lexical matching. It matches by its text; the kind only weighs.</summary>
internal readonly record struct Term(string Text, TermKind Kind);
