using System.Text;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Tests.Storage.Lexical;

/// <summary>Cases in the notation of the standard's WordBreakTest.txt: code points in hexadecimal, ÷ a boundary, × none.</summary>
[TestClass]
public sealed class WordBreaksTests
{
    [TestMethod]
    // WB3 to WB3d: line ends, emoji joined, spaces.
    [DataRow("÷ 000D × 000A ÷ 0061 ÷ 000A ÷ 0308 ÷")]
    [DataRow("÷ 000D ÷ 0308 ÷ 000A ÷")]
    [DataRow("÷ 0020 × 0020 ÷ 0061 ÷")]
    [DataRow("÷ 0020 × 0308 ÷ 0020 ÷")]
    [DataRow("÷ 1F6D1 × 200D × 1F6D1 ÷")]
    [DataRow("÷ 0061 × 200D × 1F6D1 ÷")]
    [DataRow("÷ 1F476 × 1F3FF ÷ 1F476 ÷")]
    // WB4: marks and format characters hang on.
    [DataRow("÷ 0061 × 0308 × 200D × 0308 × 0062 ÷")]
    [DataRow("÷ 0061 × 00AD × 0062 ÷")]
    [DataRow("÷ 0061 ÷ 0020 × 200D ÷ 0646 ÷")]
    // WB5 to WB7c: letters, apostrophes, colons, Hebrew quotes.
    [DataRow("÷ 0041 × 0041 × 0041 ÷")]
    [DataRow("÷ 0041 × 003A × 0041 ÷")]
    [DataRow("÷ 0041 ÷ 003A ÷ 003A ÷ 0041 ÷")]
    [DataRow("÷ 0041 × 0308 × 0027 × 0308 × 0041 ÷")]
    [DataRow("÷ 0027 ÷ 0041 ÷ 0027 ÷")]
    [DataRow("÷ 05D0 × 0027 ÷")]
    [DataRow("÷ 05D0 × 0022 × 05D0 ÷")]
    [DataRow("÷ 05D0 ÷ 0022 ÷ 0041 ÷")]
    // WB8 to WB12: numbers.
    [DataRow("÷ 0031 × 002E × 0031 ÷")]
    [DataRow("÷ 0031 × 002C × 0308 × 0031 ÷")]
    [DataRow("÷ 0031 ÷ 003A ÷ 0031 ÷")]
    [DataRow("÷ 0061 × 0031 ÷ 002C ÷ 0061 ÷")]
    [DataRow("÷ 0031 ÷ 002E ÷ 002E ÷ 0031 ÷")]
    [DataRow("÷ 0061 × 0031 × 002C × 0031 ÷")]
    // WB13 to WB13b: katakana and underscores.
    [DataRow("÷ 30AB × 30BF × 30AB × 30CA ÷ 3042 ÷ 4E00 ÷ 4E8C ÷")]
    [DataRow("÷ 0031 × 005F × 30AB × 005F × 0061 ÷")]
    [DataRow("÷ 0061 × 005F × 005F × 0061 ÷")]
    // WB15, WB16: flags.
    [DataRow("÷ 1F1E6 × 1F1E7 ÷ 1F1E8 ÷ 0062 ÷")]
    [DataRow("÷ 0061 ÷ 1F1E6 × 200D × 1F1E7 ÷ 1F1E8 × 1F1E9 ÷ 0062 ÷")]
    // WB999
    [DataRow("÷ 0E01 ÷ 0E02 × 0E31 ÷ 0021 ÷ 0024 ÷")]
    public void Boundaries_are_those_of_the_standard(string expected)
    {
        var text = string.Concat(expected.Split(' ').Where(part => part is not ("÷" or "×")).Select(hex => char.ConvertFromUtf32(Convert.ToInt32(hex, 16))));
        var found = new StringBuilder("÷");
        for (var at = 0; at < text.Length;)
        {
            var end = WordBreaks.Next(text, at);
            found.AppendJoin(" ×", text[at..end].EnumerateRunes().Select(rune => $" {rune.Value:X4}")).Append(" ÷");
            at = end;
        }

        Assert.AreEqual(expected, found.ToString());
    }

    [TestMethod]
    public void Every_text_is_cut_completely()
    {
        var random = new Random(7);
        for (var run = 0; run < 3000; run++)
        {
            var text = AnyText.Next(random);
            for (var at = 0; at < text.Length;)
            {
                var end = WordBreaks.Next(text, at);
                Assert.IsTrue(end > at && end <= text.Length);
                at = end;
            }
        }
    }
}
