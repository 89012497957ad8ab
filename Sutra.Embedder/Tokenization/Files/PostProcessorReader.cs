using System.Text.Json;
using Sutra.Embedder.Tokenization.PostProcessing;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>Reads <c>post_processor</c>: the special tokens around one text, and whether tokens' places go without spaces.</summary>
internal static class PostProcessorReader
{
    public static (SpecialFrame Frame, bool? TrimsPlaces) Read(JsonElement? json)
    {
        var (prefix, suffix) = (new List<int>(), new List<int>());
        bool? trims = null;
        if (json is { } processor)
        {
            Read(processor, prefix, suffix, ref trims);
        }

        return (new SpecialFrame([.. prefix], [.. suffix]), trims);
    }

    // Each goes around what the ones before have made.
    private static void Read(JsonElement processor, List<int> prefix, List<int> suffix, ref bool? trims)
    {
        switch (processor.Type("post_processor"))
        {
            case "TemplateProcessing":
                ReadTemplate(processor, prefix, suffix);
                break;
            case "BertProcessing":
                prefix.Insert(0, Pair(processor, "cls"));
                suffix.Add(Pair(processor, "sep"));
                break;
            case "RobertaProcessing":
                prefix.Insert(0, Pair(processor, "cls"));
                suffix.Add(Pair(processor, "sep"));
                trims = processor.Flag("trim_offsets") ? processor.Flag("add_prefix_space") : trims;
                break;
            case "ByteLevel":
                trims = processor.Flag("trim_offsets") ? processor.Flag("add_prefix_space") : trims;
                break;
            case "Sequence":
                foreach (var step in processor.List("processors").EnumerateArray())
                {
                    Read(step, prefix, suffix, ref trims);
                }

                break;
            case var type:
                throw new FormatException($"its post_processor is {type}, which is not supported.");
        }
    }

    // ["[CLS]", 101]
    private static int Pair(JsonElement processor, string name)
    {
        var pair = processor.List(name);
        return pair.GetArrayLength() == 2 ? TokenizerFields.CountOf(pair[1], $"the id of {name}") : throw new FormatException($"{name} is not a token and its id.");
    }

    private static void ReadTemplate(JsonElement processor, List<int> prefix, List<int> suffix)
    {
        List<int> before = [], after = [];
        var seen = false;
        foreach (var step in processor.List("single").EnumerateArray())
        {
            if (step.OptionalObject("Sequence") is { } sequence)
            {
                if (seen || sequence.OptionalText("id") != "A")
                {
                    throw new FormatException("its template for one text names the text twice, or another text.");
                }

                NoType(sequence);
                seen = true;
                continue;
            }

            var special = step.OptionalObject("SpecialToken") ?? throw new FormatException("its template for one text has a step that is no token.");
            NoType(special);
            var name = special.Text("id");
            var token = processor.OptionalObject("special_tokens")?.OptionalObject(name)
                ?? throw new FormatException($"its template for one text names {name}, which is none of its special_tokens.");
            (seen ? after : before).AddRange(token.List("ids").EnumerateArray().Select(id => TokenizerFields.CountOf(id, $"an id of {name} in its template")));
        }

        if (!seen)
        {
            throw new FormatException("its template for one text does not name the text.");
        }

        prefix.InsertRange(0, before);
        suffix.AddRange(after);

        static void NoType(JsonElement step)
        {
            if (step.OptionalCount("type_id") is > 0)
            {
                throw new FormatException("its template for one text uses a token type other than 0.");
            }
        }
    }
}
