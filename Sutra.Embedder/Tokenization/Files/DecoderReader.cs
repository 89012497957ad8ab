using System.Text.Json;
using Sutra.Embedder.Tokenization.Decoding;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>Reads <c>decoder</c>.</summary>
internal static class DecoderReader
{
    public static Decoder? Read(JsonElement? json)
    {
        if (json is not { } decoder)
        {
            return null;
        }

        switch (decoder.Type("decoder"))
        {
            case "WordPiece":
                return new WordPieceDecoder(decoder.Text("prefix"), decoder.Flag("cleanup"));
            case "ByteLevel":
                return new ByteLevelDecoder();
            case "Metaspace":
                var (mark, scheme) = SplitterReader.ReadMark(decoder);
                return new MetaspaceDecoder(mark, scheme);
            case "BPEDecoder":
                return decoder.Text("suffix") is { Length: > 0 } suffix ? new SuffixDecoder(suffix) : throw new FormatException("the suffix of its BPEDecoder is empty.");
            case "ByteFallback":
                return new ByteFallbackDecoder();
            case "Fuse":
                return new FuseDecoder();
            case "Strip":
                return new StripDecoder(decoder.Character("content"), decoder.Count("start"), decoder.Count("stop"));
            case "Replace":
                return new ReplaceDecoder(SplitterReader.ReadPattern(decoder), decoder.Text("content"));
            case "Sequence":
                return new DecoderSequence([.. decoder.List("decoders").EnumerateArray().Select(step => Read(step)!)]);
            case var type:
                throw new FormatException($"its decoder is {type}, which is not supported.");
        }
    }
}
