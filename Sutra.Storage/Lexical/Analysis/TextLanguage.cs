namespace Sutra.Storage.Lexical.Analysis;

/// <summary>The language whose word endings are removed. Part of a collection's settings: terms made with one are not found with another.</summary>
public enum TextLanguage : byte
{
    /// <summary>Words stay whole (folded all the same).</summary>
    None = 0,
    English = 1,
    German = 2,
    French = 3,
    Spanish = 4,
    Italian = 5,
    Portuguese = 6,
    Dutch = 7,
}
