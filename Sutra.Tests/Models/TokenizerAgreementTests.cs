using System.Text;
using Sutra.Embedder.Tokenization;
using Sutra.Embedder.Tokenization.Text;
using Sutra.Examples.Finance;

namespace Sutra.Tests.Models;

/// <summary>Vectors mean something only when the server cuts texts as the tool that trained them did.</summary>
[TestClass]
public sealed class TokenizerAgreementTests
{
    [TestMethod]
    public void The_embedder_cuts_texts_into_the_same_pieces_as_the_training_tool()
    {
        using var model = new StaticModel(StaticModel.BuiltInFolder);
        var tokenizer = TextTokenizer.Load(Path.Combine(StaticModel.BuiltInFolder, "tokenizer.json"));

        foreach (var text in Texts())
        {
            using var buffer = new TokenBuffer();
            var tokens = buffer[tokenizer.Encode(text, 100_000, buffer)];

            CollectionAssert.AreEqual(model.Ids(text).Select(id => (int)id).ToArray(), tokens.ToArray(), text);
        }
    }

    private static IEnumerable<string> Texts()
    {
        yield return "";
        yield return "Übergrößenträger, naïve café — “ελληνικά” предложение 한국어 中文字 ひらがな カタカナ עברית ٣٤٥ हिन्दी";
        yield return "utf8_decode(0x7FFF) == std::vector<int>::iterator && a->b[i] += 1e-9; C:\\Windows\\System32\\drivers\\etc\\hosts";
        yield return "zero\u200bwidth tab\there\r\nnbsp\u00a0nul\0 \ufffd emoji 🙂👍🏽 ligature ﬁ ① ½ ™ €12.50 £3 ¥100";
        yield return "full-width ＡＢＣ１２３！ not a character \ufffe\uffff, surrogate \ud800 alone, 𝒳 𠀀 𫠠";
        yield return new string('x', 99) + " " + new string('y', 100) + " " + new string('z', 101);
        foreach (var row in OhlcvCsv.ReadExample().Where((_, i) => i % 50 == 0))
        {
            yield return OhlcvConcept.Content(row);
        }

        var random = new Random(11);
        for (var i = 0; i < 300; i++)
        {
            var text = new StringBuilder();
            for (var c = 0; c < 60; c++)
            {
                // Mostly ASCII, and whatever else the basic plane has (no surrogates) in between.
                var value = random.Next(3) > 0 ? random.Next(32, 127) : random.Next(0xA0, 0xD7FF);
                text.Append(DiffersByUnicodeVersion(value) ? '.' : (char)value);
            }

            yield return text.ToString();
        }
    }

    // The server goes by the tables of Hugging Face's tokenizers, which do not know these marks and signs yet; training by .NET's.
    private static bool DiffersByUnicodeVersion(int value) => UnicodeDifferences.NoNonSpacingMarksForBert.Contains(value)
        || UnicodeDifferences.NonSpacingMarksForBert.Contains(value)
        || UnicodeDifferences.NoPunctuation.Contains(value)
        || UnicodeDifferences.Punctuation.Contains(value)
        || UnicodeDifferences.NoControlForBert.Contains(value)
        || value is 0x1C89 or 0xA7CB or 0xA7CC or 0xA7CE or 0xA7D2 or 0xA7D4 or 0xA7DA or 0xA7DC;
}
