using System.Text;
using Sutra.Embedder.Tokenization.Normalization;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Tests.Embedder.Tokenization.Normalization;

/// <summary>Most characters are passed over; those that change, or change with a neighbour, must not be.</summary>
[TestClass]
public sealed class UnicodeNormalizerTests
{
    [TestMethod]
    [DataRow(NormalizationForm.FormC)]
    [DataRow(NormalizationForm.FormD)]
    [DataRow(NormalizationForm.FormKC)]
    [DataRow(NormalizationForm.FormKD)]
    public void Every_character_of_the_basic_plane_between_plain_ones_and_marks(NormalizationForm form)
    {
        var normalizer = new UnicodeNormalizer(form);
        var workspace = new Workspace();
        for (var value = 1; value < 0xFFFE; value++)
        {
            // Decompositions that are younger than the reference's tables are left alone on purpose.
            if (value is >= 0xD800 and < 0xE000 or >= 0xFDD0 and < 0xFDF0
                || UnicodeDifferences.NoCompatibilityDecomposition.Contains(value)
                || UnicodeDifferences.NoCanonicalDecomposition.Contains(value))
            {
                continue;
            }

            var text = $"a{(char)value}b—{(char)value}\u0301\u0323\u1161\u11A8…{(char)value}🙂é{(char)value}\u3099";
            workspace.Text.Take(text, 0, tracks: value % 2 == 0);
            normalizer.Normalise(workspace);
            Assert.AreEqual(text.Normalize(form), workspace.Text.Chars.ToString(), $"U+{value:X4}");
        }
    }
}
