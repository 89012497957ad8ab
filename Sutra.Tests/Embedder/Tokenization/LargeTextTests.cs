using Sutra.Embedder.Tokenization;
using Sutra.Embedder.Tokenization.PostProcessing;
using Sutra.Embedder.Tokenization.Splitting;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Tests.Embedder.Tokenization;

/// <summary>What one very large text needs is not kept for ever, nor taken where it is cut off anyway.</summary>
[TestClass]
public sealed class LargeTextTests
{
    private const int Large = 1 << 21;

    [TestMethod]
    public void A_workspace_that_is_given_back_keeps_nothing_large()
    {
        var pool = new WorkspacePool();
        var workspace = pool.Rent();
        var text = string.Concat(Enumerable.Repeat("🙂", Large / 2));
        Use();
        Assert.IsLessThan(1 << 20, Allocated(Use), "while it is lent it is used again");

        pool.Return(workspace);
        Assert.AreSame(workspace, pool.Rent());
        var needed = Large * (12L + 12 + 12 + 12 + sizeof(char) + sizeof(int));
        Assert.IsGreaterThan(needed, Allocated(Use), "something of it was kept");

        void Use()
        {
            // No Clear: a list that is cleared gives up what is large by itself.
            foreach (var list in new[] { workspace.Pieces, workspace.SparePieces })
            {
                for (var i = list.Count; i < Large; i++)
                {
                    list.Add(i, i + 1);
                }
            }

            foreach (var list in new[] { workspace.Parts, workspace.Matches })
            {
                for (var i = list.Count; i < Large; i++)
                {
                    list.Add(i, i + 1, isMatch: true);
                }
            }

            workspace.Regex.Take(text, out _);
        }
    }

    [TestMethod]
    public void Lists_give_up_what_is_large_when_they_are_cleared()
    {
        var (pieces, parts) = (new PieceList(), new PartList());
        Fill();
        pieces.Clear();
        parts.Clear();
        Assert.IsGreaterThan(Large * 24L, Allocated(Fill));

        void Fill()
        {
            for (var i = 0; i < Large; i++)
            {
                pieces.Add(i, i + 1);
                parts.Add(i, i + 1, isMatch: true);
            }
        }
    }

    [TestMethod]
    public void Origins_of_a_large_text_are_given_up_with_it()
    {
        var buffer = new TextBuffer();
        var text = new string('.', Large);
        buffer.Take(text, 0, tracks: true);
        buffer.Clear(tracks: true);
        Assert.IsGreaterThan(Large * (sizeof(char) + (2L * sizeof(int))), Allocated(() => buffer.Take(text, 0, tracks: true)));
    }

    [TestMethod]
    public void Ids_are_cut_before_they_are_copied()
    {
        var frame = new SpecialFrame([101], [102]);
        var ids = Enumerable.Range(0, 1 << 24).ToArray();
        using var tokens = new TokenBuffer(16);
        Assert.IsLessThan(1 << 20, Allocated(() =>
        {
            Check(TruncationSide.Right, [101, 0, 1, 2, 102]);
            Check(TruncationSide.Left, [101, ids.Length - 3, ids.Length - 2, ids.Length - 1, 102]);
        }));
        Assert.IsFalse(frame.Encode([7, 8, 9], 5, tokens, TruncationSide.Left).Truncated);

        void Check(TruncationSide side, int[] expected)
        {
            var range = frame.Encode(ids, 5, tokens, side);
            CollectionAssert.AreEqual(expected, tokens[range].ToArray());
            Assert.IsTrue(range.Truncated);
        }
    }

    private static long Allocated(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
