using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;
using Sutra.Storage.Segments;

namespace Sutra.Tests.Storage.Segments;

[TestClass]
public sealed class RowTargetsTests
{
    [TestMethod]
    public void Each_row_goes_to_a_place_of_its_own_inside()
    {
        var targets = new RowTargets(3);
        targets.Begin([2, -1], 2);
        Assert.AreEqual(2, targets.Take([2, -1], 0));
        Assert.AreEqual(-1, targets.Take([2, -1], 1));
        Assert.IsFalse(targets.AllTaken);
        Assert.ThrowsExactly<ArgumentException>(() => targets.Begin([0], 2));
        Assert.ThrowsExactly<ArgumentException>(() => targets.Begin(map: null, 4));
        Assert.ThrowsExactly<ArgumentException>(() => targets.Take([3], 0));
        Assert.ThrowsExactly<ArgumentException>(() => targets.Take([2], 0));
        targets.Take([0, 1], 0);
        targets.Take([0, 1], 1);
        Assert.IsTrue(targets.AllTaken);
    }

    [TestMethod]
    public void An_index_of_words_refuses_two_rows_that_become_one()
    {
        using var index = new MutableLexicalIndex(TextLanguage.English);
        index.Add(0, "granite"u8);
        index.Add(1, "basalt"u8);
        var part = index.Snapshot();
        Assert.ThrowsExactly<ArgumentException>(() => LexicalImageWriter.Write(new MemoryStream(), 2, new LexicalSource(part, [0, 0])));
        LexicalImageWriter.Write(new MemoryStream(), 2, new LexicalSource(part, [1, 0]));
    }
}
