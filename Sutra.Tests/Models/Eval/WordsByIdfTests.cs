using System.Numerics.Tensors;
using Sutra.Models.Eval;
using Sutra.Models.Eval.Sets;
using Sutra.Models.Eval.Systems;

namespace Sutra.Tests.Models.Eval;

[TestClass]
public sealed class WordsByIdfTests
{
    [TestMethod]
    public void A_query_is_the_sum_of_its_words_each_made_unit_and_times_its_idf_in_the_set()
    {
        var set = Set(["cat story", "dog sheet", "a bird sheet", "fish sheets"], "Cat's sheet", "the CATS cats sheet");
        var system = new WordsByIdf(new Bag());

        var queries = system.EmbedQueries(set);

        // ln(1 + 3.5 / 1.5) of "cat" and ln(1 + 1.5 / 3.5) of "sheet", whatever their vectors' lengths.
        AreEqual([1.203973f, 0, 0.356675f], queries[0]);
        AreEqual([2 * 1.203973f, 0, 0.356675f], queries[1]);
    }

    [TestMethod]
    public void A_query_of_which_no_word_counts_or_is_known_is_embedded_whole()
    {
        var set = Set(["cat story", "dog sheet"], "what is it", "unheard cat-free", "unheard");
        var system = new WordsByIdf(new Bag { ["what"] = [7, 8, 9], ["unheard"] = [0, 0, 0] });

        var queries = system.EmbedQueries(set);

        AreEqual([7, 8, 9], queries[0]);
        AreEqual([MathF.Log(2), 0, 0], queries[1]);
        AreEqual([0, 0, 0], queries[2]);
    }

    [TestMethod]
    public void Documents_and_other_texts_are_embedded_as_without()
    {
        var system = new WordsByIdf(new Bag());

        CollectionAssert.AreEqual(new Bag().Embed(["cat sheet"]).Values, system.Embed(["cat sheet"]).Values);
        CollectionAssert.AreEqual(new[] { 3 }, system.Cuts.ToArray());
    }

    [TestMethod]
    public void What_every_document_has_no_longer_drowns_what_tells_them_apart()
    {
        var set = Set(["cat cat cat", "dog sheet", "dog sheet sheet"], "cat sheet");

        var whole = DenseSearch.Measure(set, new Bag(), weight: 1, everyWeight: false, threads: 1);
        var byIdf = DenseSearch.Measure(set, new WordsByIdf(new Bag()), weight: 1, everyWeight: false, threads: 1);

        Assert.AreEqual(3, whole.Cosine[0][0].Rank);
        Assert.AreEqual(1, byIdf.Cosine[0][0].Rank);

        // ln(1 + 2.5 / 1.5) of the query's "cat" beside ln(1 + 1.5 / 2.5) of its "sheet".
        Assert.AreEqual(0.980829 / Math.Sqrt((0.980829 * 0.980829) + (0.470004 * 0.470004)), byIdf.Cosine[0][0].Top, 1e-5);
    }

    /// <summary>Queries that the first document answers.</summary>
    private static IndexedSet Set(string[] documents, params string[] queries) =>
        IndexedSet.Build(new RetrievalSet("set", documents, [.. queries.Select(text => new RetrievalQuery(text, 0))]), threads: 1);

    private static void AreEqual(float[] expected, ReadOnlySpan<float> actual)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        Assert.IsLessThan(1e-5f, TensorPrimitives.Distance<float>(expected, actual), $"is {string.Join(", ", actual.ToArray())}");
    }

    /// <summary>Adds up words of which one weighs more than training text would have it; not made unit.</summary>
    private sealed class Bag : Dictionary<string, float[]>, IEmbeddingSystem
    {
        public Bag()
            : base(StringComparer.OrdinalIgnoreCase)
        {
            this["cat"] = this["cats"] = this["cat's"] = [1, 0, 0];
            this["dog"] = [0, 1, 0];
            this["sheet"] = this["sheets"] = [0, 0, 3];
        }

        public string Name => "bag";

        public IReadOnlyList<int> Cuts => [3];

        public VectorTable Embed(IReadOnlyList<string> texts)
        {
            var values = new float[texts.Count * 3];
            for (var text = 0; text < texts.Count; text++)
            {
                var sum = values.AsSpan(text * 3, 3);
                foreach (var word in texts[text].Split(' ', '-').Where(ContainsKey))
                {
                    TensorPrimitives.Add(sum, this[word], sum);
                }
            }

            return new VectorTable(values, Cuts);
        }
    }
}
