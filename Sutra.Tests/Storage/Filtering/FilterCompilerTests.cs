using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;

namespace Sutra.Tests.Storage.Filtering;

[TestClass]
public sealed class FilterCompilerTests
{
    private const string Secret = "what-nobody-may-read";

    [TestMethod]
    public void What_breaks_a_rule_is_refused_by_its_place_and_never_by_its_value()
    {
        Refuse("filter.and", Filter.And());
        Refuse("filter.or", Filter.Or());
        Refuse("filter.in.values", Filter.In("k"));
        Refuse("filter.in.values", new InFilter("k", [.. Enumerable.Range(0, FilterLimits.Values + 1).Select(i => $"{i}")]));
        Refuse("filter.and[1].not.equal.field", Filter.And(Filter.Exists("k"), Filter.Not(Filter.Equal("", Secret))));
        Refuse("filter.equal.field", Filter.Equal("$" + Secret, Secret));
        Refuse("filter.equal.field", Filter.Equal(Secret.PadRight(257, 'x'), Secret));
        Refuse("filter.equal.field", Filter.Equal("\ud800", Secret));
        Refuse("filter.equal.value", Filter.Equal("k", Secret + "\ud800"));
        Refuse("filter.equal.value", Filter.Equal("k", Secret.PadRight(FilterLimits.Bytes, 'x')));
        Refuse("filter.in.values", new InFilter("k", [.. Enumerable.Range(0, 1000).Select(i => $"{Secret}{i}".PadRight(100))]));
        Refuse("filter.equal.value", Filter.Equal("$id", Secret));
        Refuse("filter.equal.value", Filter.Equal("$id", "00000000000000FF"));
        Refuse("filter.prefix.value", Filter.Prefix("$id", "x" + Secret));
        Refuse("filter.prefix.value", Filter.Prefix("k", ""));
        Refuse("filter.equal.value", Filter.Equal("$learned_at", Secret));
        Refuse("filter.prefix.field", Filter.Prefix("$learned_at", "2026"));
        Refuse("filter.range", new RangeFilter("k"));
        Refuse("filter.range", new RangeFilter("k") { Gt = "1", Gte = "1" });
        Refuse("filter.range", new RangeFilter("k") { Lt = "1", Lte = "1" });
        Refuse("filter.range.gt", new RangeFilter("k") { Gt = Secret });
        Refuse("filter.range.lte", new RangeFilter("k") { Gt = "1", Lte = "2026-01-01" });
        Refuse("filter.range.lt", new RangeFilter("k") { Gte = "2026-01-01", Lt = "1" });
        Refuse("filter.range.gte", new RangeFilter("$learned_at") { Gte = "1" });
        Refuse("filter.range.gte", new RangeFilter("k") { Gte = "NaN" });
        Refuse("filter.range.field", new RangeFilter("$id") { Gte = "1" });
        Refuse("filter.range.field", new RangeFilter("$model") { Gte = "1" });
        Refuse("filter.range.field", new RangeFilter("$owner") { Gte = "1" });
        Refuse("filter.not", Filter.Not(null!));

        var deep = Filter.Exists("k");
        for (var i = 1; i < FilterLimits.Depth; i++)
        {
            deep = Filter.Not(deep);
        }

        FilterCompiler.Compile(deep);
        Assert.Contains("within each other", Refuse("filter" + string.Concat(Enumerable.Repeat(".not", FilterLimits.Depth)), Filter.Not(deep)));
        var wide = Enumerable.Repeat(Filter.Exists("k"), FilterLimits.Nodes - 1).ToArray();
        FilterCompiler.Compile(Filter.And(wide));
        Refuse($"filter.and[{FilterLimits.Nodes - 1}]", Filter.And([.. wide, wide[0]]));
    }

    [TestMethod]
    public void Filters_have_the_same_key_only_if_they_ask_the_same()
    {
        var filters = new[]
        {
            Filter.Equal("a", "b"), Filter.Equal("a", "c"), Filter.Equal("b", "b"), Filter.Equal("$model", "b"), Filter.Equal("$owner", "b"), Filter.Prefix("a", "b"), Filter.Exists("a"),
            Filter.Exists("ab"), Filter.In("a", "b", "c"), Filter.In("a", "b;1:c"), Filter.Not(Filter.Equal("a", "b")), Filter.And(Filter.Exists("a")), Filter.Or(Filter.Exists("a")),
            Filter.And(Filter.Exists("a"), Filter.Exists("b")), Filter.And(Filter.And(Filter.Exists("a")), Filter.Exists("b")), new RangeFilter("a") { Gt = "1" },
            new RangeFilter("a") { Gte = "1" }, new RangeFilter("a") { Lt = "1" }, new RangeFilter("a") { Gt = "2026-01-01" }, new RangeFilter("$learned_at") { Gt = "2026-01-01" },
        };
        CollectionAssert.AllItemsAreUnique(filters.Select(filter => FilterCompiler.Compile(filter).Key).ToList());
        Assert.AreEqual(FilterCompiler.Compile(Filter.In("a", "c", "b", "c")).Key, FilterCompiler.Compile(Filter.In("a", "b", "c")).Key);
        Assert.AreEqual(FilterCompiler.Compile(Filter.Equal("a", "b")).Key, FilterCompiler.Compile(Filter.In("a", "b")).Key);
    }

    [TestMethod]
    public void What_is_asked_for_stands_in_no_log()
    {
        var filter = Filter.And(Filter.Equal(Secret, Secret), Filter.Not(new RangeFilter(Secret) { Gt = "1" }));
        Assert.DoesNotContain(Secret, filter.ToString());
        Assert.DoesNotContain(Secret, FilterCompiler.Compile(filter).ToString());
    }

    private static string Refuse(string field, Filter filter)
    {
        var refusal = Assert.ThrowsExactly<InvalidConceptException>(() => FilterCompiler.Compile(filter));
        Assert.AreEqual(field, refusal.Field);
        Assert.DoesNotContain(Secret, refusal.Message);
        return refusal.Message;
    }
}
