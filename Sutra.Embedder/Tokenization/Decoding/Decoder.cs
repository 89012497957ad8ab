using System.Text;
using Sutra.Embedder.Tokenization.Splitting;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Decoding;

/// <summary>A step from tokens back to text: takes the parts as they are so far, gives others. Thread-safe.</summary>
internal abstract class Decoder
{
    public abstract List<string> Decode(List<string> parts);
}

/// <summary>One step after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<Decoder> steps) : Decoder
{
    public override List<string> Decode(List<string> parts) => steps.Aggregate(parts, (current, step) => step.Decode(current));
}

/// <summary>WordPiece: spaces between words, and, cleaned up, none before punctuation.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanup) : Decoder
{
    private static readonly (string Spaced, string Tight)[] Artifacts =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    public override List<string> Decode(List<string> parts) => [.. parts.Select((part, i) => Clean(Join(part, i)))];

    private string Join(string part, int index) => index == 0 ? part
        : part.StartsWith(prefix, StringComparison.Ordinal) ? part[prefix.Length..]
        : " " + part;

    private string Clean(string part) => cleanup
        ? Artifacts.Aggregate(part, (current, artifact) => current.Replace(artifact.Spaced, artifact.Tight, StringComparison.Ordinal))
        : part;
}

/// <summary>ByteLevel: visible characters become bytes again, and those text; what is no UTF-8 becomes U+FFFD.</summary>
internal sealed class ByteLevelDecoder : Decoder
{
    public override List<string> Decode(List<string> parts)
    {
        var bytes = new List<byte>();
        foreach (var part in parts)
        {
            bytes.AddRange(part.All(c => ByteAlphabet.ToByte(c) >= 0) ? part.Select(c => (byte)ByteAlphabet.ToByte(c)) : Encoding.UTF8.GetBytes(part));
        }

        return [Encoding.UTF8.GetString([.. bytes])];
    }
}

/// <summary>Metaspace: marks become spaces; those of the first token go, where a mark was put before the text.</summary>
internal sealed class MetaspaceDecoder(char mark, PrependScheme scheme) : Decoder
{
    public override List<string> Decode(List<string> parts) => [.. parts.Select((part, i) => i == 0 && scheme != PrependScheme.Never
        ? part.Replace(mark.ToString(), "", StringComparison.Ordinal)
        : part.Replace(mark, ' '))];
}

/// <summary>BPEDecoder: what ends a word becomes a space.</summary>
internal sealed class SuffixDecoder(string suffix) : Decoder
{
    public override List<string> Decode(List<string> parts) => [.. parts.Select((part, i) =>
        part.Replace(suffix, i == parts.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>Fuse: all parts become one.</summary>
internal sealed class FuseDecoder : Decoder
{
    public override List<string> Decode(List<string> parts) => [string.Concat(parts)];
}

/// <summary>Replace: every match of a pattern becomes something else.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : Decoder
{
    public override List<string> Decode(List<string> parts)
    {
        var (proxy, matches) = (new RegexText(), new PartList());
        return [.. parts.Select(part =>
        {
            matches.Clear();
            pattern.Find(part, proxy, matches);
            var text = new StringBuilder();
            var done = 0;
            for (var i = 0; i < matches.Count; i++)
            {
                text.Append(part, done, matches[i].Start - done).Append(content);
                done = matches[i].Stop;
            }

            return text.Append(part, done, part.Length - done).ToString();
        })];
    }
}
