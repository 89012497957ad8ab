using System.Globalization;

namespace Sutra.Examples.Finance.Evaluate;

/// <summary>Asks questions of other seeds than are reported, and fits the API's confidence by what each draft of an answer followed from and whether it is right.</summary>
internal static class Fitting
{
    public static async Task RunAsync(ApiClient api, IReadOnlyList<OhlcvRow> rows, IReadOnlyList<int> seeds, int questions, string file)
    {
        var evaluation = new Evaluation([.. rows.Select(row => row.Company).Distinct(StringComparer.Ordinal)]);
        var samples = new List<ConfidenceSample>();
        foreach (var question in seeds.SelectMany(seed => FinanceQuestions.Generate(rows, seed, questions)).Where(question => !question.IsHeldOut))
        {
            var response = await api.QueryAsync(question.Text, explain: true);
            foreach (var draft in response.Explanation!.Drafts.Where(draft => draft.Answer is not null))
            {
                var isRight = evaluation.Add(question, Asking.Answer(response, draft.Answer, draft.Confidence, draft.Values));
                samples.Add(new ConfidenceSample(draft.Kind == "retrieval", draft.Features.ToDictionary(feature => feature.Name, feature => feature.Value, StringComparer.Ordinal), isRight));
            }
        }

        Console.WriteLine(ConfidenceFit.Write(
            samples, file, string.Create(CultureInfo.InvariantCulture, $"examples/finance/evaluate --fit, seeds {string.Join(',', seeds)}, {questions} questions each")));
    }
}
