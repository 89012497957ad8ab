using System.Net.Http.Json;
using Sutra.Contracts.Storage.V1;
using Sutra.Examples.Finance;
using Sutra.Tests.Api;
using Sutra.Tests.Models;

namespace Sutra.Tests.Examples;

/// <summary>Questions about a market by seed, through the API, with the built-in model; the whole example with its 31,000 rows is what <c>examples/finance/evaluate</c> asks.</summary>
[TestClass]
public sealed class FinanceEvaluationTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Most_questions_about_a_small_market_are_answered_rightly_and_what_cannot_be_known_is_refused()
    {
        using var model = new StaticModel(StaticModel.BuiltInFolder);
        await using var api = await StartAsync(model);
        var rows = Rows();
        Fill(api, rows);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SUTRA_TEST_SEED") ?? "11", System.Globalization.CultureInfo.InvariantCulture);
        var count = int.Parse(Environment.GetEnvironmentVariable("SUTRA_TEST_QUESTIONS") ?? "120", System.Globalization.CultureInfo.InvariantCulture);
        var evaluation = new Evaluation([.. rows.Select(row => row.Company).Distinct()]);
        foreach (var question in FinanceQuestions.Generate(rows, seed, count))
        {
            var found = await api.QueryAsync(question.Text);
            var first = found.GetProperty("evidence").EnumerateArray().Select(one => one.GetProperty("metadata")).FirstOrDefault();
            var answer = new GivenAnswer(
                found.GetProperty("answer").GetString(),
                found.GetProperty("confidence").GetDouble(),
                [.. found.GetProperty("values").EnumerateArray().Select(value => (value.GetProperty("name").GetString()!, value.GetProperty("value").GetString()!))],
                first.ValueKind == System.Text.Json.JsonValueKind.Object ? (first.GetProperty("company").GetString()!, first.GetProperty("date").GetString()!) : null);
            if (!evaluation.Add(question, answer))
            {
                TestContext.WriteLine($"{question.Kind}: {question.Text}\n   {found.GetProperty("kind").GetString()} {answer.Confidence} → {answer.Text ?? found.GetProperty("no_answer_reason").GetString()}\n   expected {string.Join(", ", question.Expected)} {question.Winner} {question.Beginning}");
            }
        }

        TestContext.WriteLine(evaluation.Report());
        Assert.IsGreaterThanOrEqualTo(0.95, evaluation.Accuracy(QuestionKind.Value));
        Assert.IsGreaterThanOrEqualTo(0.97, evaluation.FirstEvidence());
        foreach (var kind in Enum.GetValues<QuestionKind>())
        {
            Assert.IsGreaterThanOrEqualTo(0.85, evaluation.Accuracy(kind), kind.ToString());
        }
    }

    /// <summary>Not a test: fits the confidence without the whole system when SUTRA_FIT names the file, by the embedder and storage of the tests.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    public async Task Fit()
    {
        if (Environment.GetEnvironmentVariable("SUTRA_FIT") is not { Length: > 0 } file)
        {
            Assert.Inconclusive("SUTRA_FIT names no file");
            return;
        }

        using var model = new StaticModel(StaticModel.BuiltInFolder);
        await using var api = await StartAsync(model);
        var rows = Rows();
        Fill(api, rows);
        var evaluation = new Evaluation([.. rows.Select(row => row.Company).Distinct()]);
        var samples = new List<ConfidenceSample>();
        foreach (var question in new[] { 101, 102 }.SelectMany(seed => FinanceQuestions.Generate(rows, seed, 300)).Where(question => !question.IsHeldOut))
        {
            using var response = await api.Http.PostAsJsonAsync("/api/query", new { query = question.Text, explain = true });
            var found = System.Text.Json.JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), Contracts.Api.ApiJson.Default.QueryResponse)!;
            foreach (var draft in found.Explanation!.Drafts.Where(draft => draft.Answer is not null))
            {
                var isRight = evaluation.Add(question, new GivenAnswer(draft.Answer, draft.Confidence, [.. draft.Values.Select(value => (value.Name, value.Value))], null));
                samples.Add(new ConfidenceSample(draft.Kind == "retrieval", draft.Features.ToDictionary(feature => feature.Name, feature => feature.Value), isRight));
            }
        }

        TestContext.WriteLine(ConfidenceFit.Write(samples, file, "FinanceEvaluationTests, seeds 101 and 102, 300 questions each about the CSV"));
    }

    /// <summary>As if they had been learned.</summary>
    private static void Fill(ApiUnderTest api, IEnumerable<OhlcvRow> rows)
    {
        foreach (var row in rows)
        {
            var content = OhlcvConcept.Content(row);
            var concept = new Concept { Id = FakeStorage.IdOf(content), Content = content, Model = api.Embedder.Service.Model };
            concept.Metadata.Add(OhlcvConcept.Metadata(row).ToDictionary(pair => pair.Key, pair => pair.Value));
            concept.Embedding.Add(api.Embedder.Service.ModelOf!(content));
            api.Storage.Service.Concepts[concept.Id] = concept;
        }
    }

    private static async Task<ApiUnderTest> StartAsync(StaticModel model)
    {
        var api = await ApiUnderTest.StartAsync();
        api.Embedder.Service.ModelOf = text =>
        {
            lock (model)
            {
                return model.Embed(text);
            }
        };
        return api;
    }

    /// <summary>The CSV, or with SUTRA_TEST_LARGE all 31,250 rows.</summary>
    private static IReadOnlyList<OhlcvRow> Rows() =>
        Environment.GetEnvironmentVariable("SUTRA_TEST_LARGE") is { Length: > 0 } ? [.. MarketGenerator.GenerateLarge()] : OhlcvCsv.ReadExample();
}
