using Sutra.Models.Train.Vocabulary;

namespace Sutra.Tests.Models.Train;

[TestClass]
public sealed class VocabularyLearnerTests
{
    [TestMethod]
    public void Frequent_words_become_pieces_and_rare_ones_do_not()
    {
        var vocabulary = VocabularyLearner.Learn(new Dictionary<string, long> { ["hugs"] = 50, ["hug"] = 100, ["pun"] = 40, ["rarest"] = 3 }, 4000);

        Assert.IsTrue(vocabulary.Pieces.Contains("hug"));
        Assert.IsTrue(vocabulary.Pieces.Contains("hugs"));
        Assert.IsFalse(vocabulary.Pieces.Contains("rarest"));
        Assert.IsTrue(vocabulary.Pieces.ToList().IndexOf("hug") < vocabulary.Pieces.ToList().IndexOf("pun"), "the most frequent pair is merged first");
    }

    [TestMethod]
    public void The_order_of_the_counts_does_not_matter()
    {
        var counts = Enumerable.Range(0, 500).Select(i => KeyValuePair.Create($"w{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}x", (long)(4 + (i % 7)))).ToArray();

        var forward = VocabularyLearner.Learn(new Dictionary<string, long>(counts), 4500);
        var backward = VocabularyLearner.Learn(new Dictionary<string, long>(counts.Reverse()), 4500);

        CollectionAssert.AreEqual(forward.Pieces.ToArray(), backward.Pieces.ToArray());
    }

    [TestMethod]
    public void Merges_never_cross_from_letters_to_digits()
    {
        var vocabulary = VocabularyLearner.Learn(new Dictionary<string, long> { ["win32api"] = 1000, ["20250314"] = 1000 }, 5000);

        var mixed = vocabulary.Pieces.Where(p => p.Any(char.IsAsciiLetter) && p.Any(char.IsAsciiDigit) && p[0] != '[').ToArray();
        var ids = new List<ushort>();
        vocabulary.Encode("win32api", ids);

        Assert.AreEqual(0, mixed.Length, string.Join(' ', mixed));
        CollectionAssert.AreEqual(new[] { "win", "##32", "##api" }, ids.Select(id => vocabulary.Pieces[id]).ToArray());
    }

    [TestMethod]
    public void A_word_with_an_unknown_character_is_one_unknown_piece()
    {
        var vocabulary = VocabularyLearner.Learn(new Dictionary<string, long> { ["word"] = 10 }, 4000);
        var ids = new List<ushort>();

        vocabulary.Encode("word\u1F00x", ids);

        CollectionAssert.AreEqual(new ushort[] { PieceVocabulary.UnknownId }, ids);
    }
}
