namespace Sutra.Storage.Lexical.Analysis;

/// <summary>Takes the terms of a text one by one.</summary>
internal interface ITermSink
{
    /// <param name="utf8">1 to <see cref="TextAnalyzer.MaxTermBytes"/> bytes of UTF-8, valid until this returns.</param>
    /// <param name="extra">True if the same words have given a term already (the whole of "a-320" after its parts): it does not count
    /// towards the length of the text.</param>
    void Add(ReadOnlySpan<byte> utf8, bool extra);
}
