using System.Numerics.Tensors;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Models;

/// <summary><c>paraphrase-triples.tsv</c>: a sentence, an obvious paraphrase of it, an unrelated sentence; written before any model was asked.</summary>
[TestClass]
public sealed class ParaphraseTests
{
    private static readonly string[][] Triples = [.. File
        .ReadLines(Path.Combine(Repository.Root, "Sutra.Tests", "Models", "paraphrase-triples.tsv"))
        .Select(line => line.Split('\t'))];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void The_list_is_long_and_no_sentence_is_in_it_twice()
    {
        Assert.IsTrue(Triples.Length >= 500, $"{Triples.Length} lines");
        Assert.IsTrue(Triples.All(t => t.Length == 3), "A line has not three sentences.");
        var repeated = Triples.SelectMany(t => t).GroupBy(s => s, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1);
        Assert.IsNull(repeated, repeated?.Key);
    }

    [TestMethod]
    public async Task An_obvious_paraphrase_scores_above_an_unrelated_sentence()
    {
        using var embedder = new InProcessEmbedder(StaticModel.BuiltInFolder);
        var vectors = await embedder.EmbedAsync([.. Triples.SelectMany(t => t)]);

        var lost = new List<string>();
        for (var i = 0; i < Triples.Length; i++)
        {
            var (text, paraphrase, unrelated) = (vectors[3 * i].Values.ToArray(), vectors[(3 * i) + 1].Values.ToArray(), vectors[(3 * i) + 2].Values.ToArray());
            var same = TensorPrimitives.Dot<float>(text, paraphrase);
            var other = Math.Max(TensorPrimitives.Dot<float>(text, unrelated), TensorPrimitives.Dot<float>(paraphrase, unrelated));
            if (!(same > other))
            {
                lost.Add(FormattableString.Invariant($"{same:F3} against {other:F3}: {string.Join(" | ", Triples[i])}"));
            }
        }

        var won = 1 - ((double)lost.Count / Triples.Length);
        var figures = FormattableString.Invariant($"{Triples.Length - lost.Count} of {Triples.Length} lines won ({won:P2}). Lost:\n{string.Join('\n', lost)}");
        TestContext.WriteLine(figures);
        Assert.IsTrue(won >= 0.97, figures);
    }

    [TestMethod]
    public async Task The_first_64_dimensions_find_paraphrases_nearly_as_well_as_all()
    {
        using var embedder = new InProcessEmbedder(StaticModel.BuiltInFolder);
        var texts = (await embedder.EmbedAsync([.. Triples.Select(t => t[0])])).Select(v => v.Values.ToArray()).ToArray();
        var paraphrases = (await embedder.EmbedAsync([.. Triples.Select(t => t[1])])).Select(v => v.Values.ToArray()).ToArray();

        var (all, cut) = (Ndcg(texts[0].Length), Ndcg(64));

        TestContext.WriteLine(FormattableString.Invariant($"nDCG@10 of paraphrases among {Triples.Length} sentences: {all:F3}, first 64 dimensions {cut:F3}"));
        Assert.IsTrue(all >= 0.9, FormattableString.Invariant($"nDCG@10 {all:F3}"));
        Assert.IsTrue(cut >= 0.8 * all, FormattableString.Invariant($"nDCG@10 {all:F3}, cut to 64 dimensions {cut:F3}"));

        double Ndcg(int dimensions) => Enumerable.Range(0, Triples.Length).Average(i =>
        {
            var own = Cosine(i, i);
            var rank = 1 + Enumerable.Range(0, Triples.Length).Count(j => j != i && Cosine(i, j) >= own);
            return rank <= 10 ? 1 / Math.Log2(rank + 1) : 0;

            float Cosine(int query, int text) => TensorPrimitives.CosineSimilarity<float>(paraphrases[query].AsSpan(0, dimensions), texts[text].AsSpan(0, dimensions));
        });
    }
}
