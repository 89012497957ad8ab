using System.Text;
using System.Text.Json;
using Sutra.Embedder.Tokenization.Normalization;
using Sutra.Embedder.Tokenization.Splitting;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>Reads <c>normalizer</c>.</summary>
internal static class NormalizerReader
{
    public static Normalizer? Read(JsonElement? json)
    {
        if (json is not { } normalizer)
        {
            return null;
        }

        return normalizer.Type("normalizer") switch
        {
            "BertNormalizer" => Bert(ReadBert(normalizer)),
            "NFC" => Unicode(NormalizationForm.FormC),
            "NFD" => Unicode(NormalizationForm.FormD),
            "NFKC" => Unicode(NormalizationForm.FormKC),
            "NFKD" => Unicode(NormalizationForm.FormKD),
            "Lowercase" => new LowercaseNormalizer(),
            "Strip" => new StripNormalizer(normalizer.Flag("strip_left"), normalizer.Flag("strip_right")),
            "StripAccents" => new FilterNormalizer(RustUnicode.IsCombiningMark),
            "Replace" => new ReplaceNormalizer(SplitterReader.ReadPattern(normalizer), normalizer.Text("content")),
            "Prepend" => new PrependNormalizer(normalizer.Text("prepend")),
            "Nmt" => new NmtNormalizer(),
            "Precompiled" => ReadPrecompiled(normalizer),
            "Sequence" => new NormalizerSequence([.. normalizer.List("normalizers").EnumerateArray().Select(step => Read(step)!)]),
            var type => throw new FormatException($"its normalizer is {type}, which is not supported."),
        };
    }

    public static BertNormalizerSettings ReadBert(JsonElement normalizer)
    {
        var lowercase = normalizer.OptionalFlag("lowercase") ?? true;
        var settings = new BertNormalizerSettings(
            normalizer.OptionalFlag("clean_text") ?? true,
            normalizer.OptionalFlag("handle_chinese_chars") ?? true,
            // Not said: accents go where capitals go.
            normalizer.OptionalFlag("strip_accents") ?? lowercase,
            lowercase);
        return settings.StripAccents && !UnicodeNormalizer.IsAvailable ? throw NoIcu("strips accents") : settings;
    }

    private static NormalizerSequence Bert(BertNormalizerSettings settings)
    {
        var steps = new List<Normalizer>();
        if (settings.CleanText)
        {
            steps.Add(new BertCleaning());
        }

        if (settings.HandleChineseChars)
        {
            steps.Add(new IdeographSpacing());
        }

        if (settings.StripAccents)
        {
            steps.Add(new UnicodeNormalizer(NormalizationForm.FormD));
            steps.Add(new FilterNormalizer(RustUnicode.IsNonSpacingMark));
        }

        if (settings.Lowercase)
        {
            steps.Add(new LowercaseNormalizer());
        }

        return new NormalizerSequence(steps);
    }

    private static UnicodeNormalizer Unicode(NormalizationForm form) =>
        UnicodeNormalizer.IsAvailable ? new UnicodeNormalizer(form) : throw NoIcu("normalises Unicode");

    // Without ICU .NET leaves accents where they are and says nothing: vectors would be wrong, silently.
    private static FormatException NoIcu(string does) => new(
        $"it {does}, for which this process lacks ICU (DOTNET_SYSTEM_GLOBALIZATION_INVARIANT must be 0 and libicu be installed).");

    private static PrecompiledNormalizer ReadPrecompiled(JsonElement normalizer)
    {
        var bytes = new byte[normalizer.Text("precompiled_charsmap").Length];
        return Convert.TryFromBase64String(normalizer.Text("precompiled_charsmap"), bytes, out var length)
            ? new PrecompiledNormalizer(new CharacterMap(bytes[..length]))
            : throw new FormatException("its precompiled_charsmap is not base64.");
    }
}
