using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Selection;

namespace Sutra.Tests.Embedder.Selection;

[TestClass]
public sealed class SelectionRulesTests
{
    private static readonly ModelCandidate Static = new("static", [256, 128, 64], QualityRank: 5, Cost: 0.01, IsDefault: true);
    private static readonly ModelCandidate Small = new("small", [384], QualityRank: 3, Cost: 1, IsDefault: false);
    private static readonly ModelCandidate Base = new("base", [768, 256], QualityRank: 1, Cost: 8, IsDefault: false);

    [TestMethod]
    [DataRow(null, ModelPreference.Latency, "cpu", "static")]
    [DataRow(null, ModelPreference.Quality, "cpu", "base")]
    [DataRow(null, ModelPreference.Balanced, "cpu", "small", DisplayName = "on a CPU a base model is too slow to be balanced")]
    [DataRow(null, ModelPreference.Balanced, "cuda", "base", DisplayName = "on a GPU it is not")]
    [DataRow(256, ModelPreference.Quality, "cpu", "base")]
    [DataRow(256, ModelPreference.Balanced, "cpu", "static")]
    [DataRow(768, ModelPreference.Latency, "cpu", "base")]
    [DataRow(64, ModelPreference.Quality, "cpu", "static")]
    public void Dimensions_decide_first_then_what_matters_more(int? dimensions, ModelPreference preference, string provider, string expected)
    {
        var (chosen, reason) = SelectionRules.Choose([Static, Small, Base], dimensions, preference, provider);
        Assert.AreEqual(expected, chosen.Name);
        StringAssert.StartsWith(reason, "auto: ");
    }

    [TestMethod]
    public void Dimensions_that_nobody_gives_are_refused_with_those_that_there_are()
    {
        var error = Assert.ThrowsExactly<CallException>(() => SelectionRules.Choose([Static, Small], 512, ModelPreference.Balanced, "cpu"));
        Assert.AreEqual("dimensions", error.Parameter);
        StringAssert.Contains(error.Message, "384, 256, 128, 64");
    }

    [TestMethod]
    public void Of_equally_good_models_the_default_is_taken()
    {
        var other = Static with { Name = "other", IsDefault = false };
        Assert.AreEqual("static", SelectionRules.Choose([other, Static], null, ModelPreference.Quality, "cpu").Chosen.Name);
    }
}
