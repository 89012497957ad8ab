using System.Text.Json;
using Sutra.Embedder.Tokenization.Splitting;
using Sutra.Embedder.Tokenization.Splitting.Automata;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>Reads <c>pre_tokenizer</c>.</summary>
internal static class SplitterReader
{
    public static Splitter? Read(JsonElement? json)
    {
        if (json is not { } splitter)
        {
            return null;
        }

        return splitter.Type("pre_tokenizer") switch
        {
            "BertPreTokenizer" => new BertSplitter(),
            "Whitespace" => new WordSplitter(),
            "WhitespaceSplit" => new ClassSplitter(CharacterClass.WhiteSpace, SplitBehaviour.Removed),
            "Punctuation" => new ClassSplitter(
                CharacterClass.Punctuation,
                splitter.OptionalText("behavior") is { } behaviour ? ReadBehaviour(behaviour) : SplitBehaviour.Isolated),
            "Digits" => new ClassSplitter(
                CharacterClass.Number,
                splitter.Flag("individual_digits") ? SplitBehaviour.Isolated : SplitBehaviour.Contiguous),
            "Metaspace" => ReadMetaspace(splitter),
            "ByteLevel" => new ByteLevelSplitter(splitter.Flag("add_prefix_space"), splitter.OptionalFlag("use_regex") ?? true),
            "Split" => ReadSplit(splitter),
            "Sequence" => new SplitterSequence([.. splitter.List("pretokenizers").EnumerateArray().Select(step => Read(step)!)]),
            var type => throw new FormatException($"its pre_tokenizer is {type}, which is not supported."),
        };
    }

    /// <summary>A <c>pattern</c>: a text, or a regular expression.</summary>
    public static TextPattern ReadPattern(JsonElement parent)
    {
        var pattern = parent.OptionalObject("pattern") ?? throw new FormatException("a pattern is missing.");
        return (pattern.OptionalText("String"), pattern.OptionalText("Regex")) switch
        {
            ({ Length: > 0 } text, null) => new LiteralPattern(text),
            (null, { Length: > 0 } expression) => AutomatonPattern.For(expression),
            _ => throw new FormatException("a pattern is empty, or neither a String nor a Regex."),
        };
    }

    public static (char Mark, PrependScheme Scheme) ReadMark(JsonElement metaspace)
    {
        var mark = metaspace.Character("replacement");
        if (!mark.IsBmp)
        {
            throw new FormatException("the replacement of a Metaspace lies beyond the basic plane, which is not supported.");
        }

        var scheme = metaspace.OptionalText("prepend_scheme") switch
        {
            null or "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw new FormatException($"the prepend_scheme of a Metaspace is {other}."),
        };
        if (metaspace.OptionalFlag("add_prefix_space") == false)
        {
            scheme = scheme is PrependScheme.Never || metaspace.OptionalText("prepend_scheme") is null
                ? PrependScheme.Never
                : throw new FormatException("the add_prefix_space of a Metaspace contradicts its prepend_scheme.");
        }

        return ((char)mark.Value, scheme);
    }

    private static MetaspaceSplitter ReadMetaspace(JsonElement splitter)
    {
        var (mark, scheme) = ReadMark(splitter);
        return new MetaspaceSplitter(mark, scheme, splitter.OptionalFlag("split") ?? true);
    }

    private static Splitter ReadSplit(JsonElement splitter)
    {
        var behaviour = ReadBehaviour(splitter.Text("behavior"));
        var invert = splitter.Flag("invert");
        // What covers every text gives the same pieces whether kept as delimiters or as what is between the others.
        var whole = behaviour == SplitBehaviour.Isolated || (behaviour == SplitBehaviour.Removed && invert);
        return whole && splitter.OptionalObject("pattern")?.OptionalText("Regex") is { } expression && WordPattern.For(expression) is { } known
            ? known
            : new PatternSplitter(ReadPattern(splitter), behaviour, invert);
    }

    private static SplitBehaviour ReadBehaviour(string name) => name switch
    {
        "Removed" => SplitBehaviour.Removed,
        "Isolated" => SplitBehaviour.Isolated,
        "MergedWithPrevious" => SplitBehaviour.MergedWithPrevious,
        "MergedWithNext" => SplitBehaviour.MergedWithNext,
        "Contiguous" => SplitBehaviour.Contiguous,
        _ => throw new FormatException($"the behavior of a pre_tokenizer is {name}."),
    };
}
