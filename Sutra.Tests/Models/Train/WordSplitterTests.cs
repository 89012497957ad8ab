using Sutra.Models.Train.Vocabulary;

namespace Sutra.Tests.Models.Train;

[TestClass]
public sealed class WordSplitterTests
{
    [TestMethod]
    [DataRow("Hello, World!", "hello , world !")]
    [DataRow("café  NAÏVE Ångström", "cafe naive angstrom")]
    [DataRow("a\tb\nc\u0000d\u00a0e", "a b cd e")]
    [DataRow("中文abc", "中 文 abc")]
    [DataRow("x=1<2$3^4`5|6~7+8", "x = 1 < 2 $ 3 ^ 4 ` 5 | 6 ~ 7 + 8")]
    [DataRow("“quoted” — dash…", "“ quoted ” — dash …")]
    [DataRow("zero\u200bwidth", "zerowidth")]
    [DataRow("lone \ud800 surrogate é", "lone surrogate e")]
    [DataRow("", "")]
    public void Text_splits_as_bert_normalizer_and_pre_tokenizer_do(string text, string words)
    {
        var splitter = new WordSplitter();

        splitter.Split(text);

        Assert.AreEqual(words, string.Join(' ', Enumerable.Range(0, splitter.Count).Select(i => splitter[i].ToString())));
    }
}
