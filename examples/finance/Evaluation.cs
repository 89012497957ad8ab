using System.Globalization;
using System.Text;

namespace Sutra.Examples.Finance;

/// <summary>What came back of a question, as far as it is judged.</summary>
/// <param name="Values">Name and value of each, in order.</param>
/// <param name="Evidence">Company and date of the first evidence; null without any.</param>
public sealed record GivenAnswer(string? Text, double Confidence, IReadOnlyList<(string Name, string Value)> Values, (string Company, string Date)? Evidence)
{
    public string? Reason { get; init; }

    public string? Kind { get; init; }
}

/// <summary>Judges answers and counts.</summary>
public sealed class Evaluation(IReadOnlyCollection<string> companies)
{
    private const int Bins = 10;

    private readonly List<(FinanceQuestion Question, GivenAnswer Answer, bool IsRight)> _judged = [];

    public IReadOnlyList<(FinanceQuestion Question, GivenAnswer Answer, bool IsRight)> Judged => _judged;

    /// <returns>Whether it is right: of the unanswerable, that there is no answer.</returns>
    public bool Add(FinanceQuestion question, GivenAnswer answer)
    {
        var isRight = question.Kind == QuestionKind.Unanswerable ? answer.Text is null : answer.Text is not null && IsRight(question, answer);
        _judged.Add((question, answer, isRight));
        return isRight;
    }

    public double Accuracy(QuestionKind kind) => Share(_judged.Where(one => one.Question.Kind == kind), one => one.IsRight);

    public double HeldOutAccuracy() => Share(_judged.Where(one => one.Question.IsHeldOut), one => one.IsRight);

    /// <summary>Of the questions for a value.</summary>
    public double FirstEvidence() => Share(
        _judged.Where(one => one.Question is { Kind: QuestionKind.Value, Source: not null }),
        one => one.Answer.Evidence is { } first && first.Company == one.Question.Source!.Company && first.Date == OhlcvConcept.Date(one.Question.Source!));

    /// <summary>
    /// The mean distance of confidence and truth, by bins of confidence, weighed by their size. Truth is that a right answer was given; of a question that was
    /// refused, that a right answer would have been, which for the unanswerable it would not.
    /// </summary>
    public double CalibrationError(bool answeredOnly = false)
    {
        var judged = _judged.Where(one => !answeredOnly || one.Answer.Text is not null).ToList();
        return judged.Count == 0 ? 0 : Table(judged).Sum(bin => bin.Count * Math.Abs(bin.Confidence - bin.Right)) / judged.Count;
    }

    public string Report()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"| kind | questions | right |\n|---|---|---|\n");
        foreach (var kind in Enum.GetValues<QuestionKind>())
        {
            text.Append(culture, $"| {kind} | {_judged.Count(one => one.Question.Kind == kind)} | {Accuracy(kind):P1} |\n");
        }

        text.Append(culture, $"| all | {_judged.Count} | {Share(_judged, one => one.IsRight):P1} |\n");
        text.Append(culture, $"| phrased last | {_judged.Count(one => one.Question.IsHeldOut)} | {HeldOutAccuracy():P1} |\n\n");
        text.Append(culture, $"First evidence right, of the values: {FirstEvidence():P1}\n");
        text.Append(culture, $"Expected calibration error: {CalibrationError():F3}; of the answered only: {CalibrationError(answeredOnly: true):F3}\n\n");
        text.Append(culture, $"| confidence | questions | mean confidence | right answers |\n|---|---|---|---|\n");
        foreach (var (bin, count, confidence, right) in Table(_judged))
        {
            text.Append(culture, $"| {bin / (double)Bins:F1} to {(bin + 1) / (double)Bins:F1} | {count} | {confidence:F3} | {right:F3} |\n");
        }

        return text.ToString();
    }

    private static IEnumerable<(int Bin, int Count, double Confidence, double Right)> Table(IEnumerable<(FinanceQuestion Question, GivenAnswer Answer, bool IsRight)> judged) =>
        judged.GroupBy(one => Math.Min(Bins - 1, (int)(one.Answer.Confidence * Bins))).OrderBy(group => group.Key)
            .Select(group => (group.Key, group.Count(), group.Average(one => one.Answer.Confidence), group.Average(one => one.Answer.Text is not null && one.IsRight ? 1.0 : 0.0)));

    private bool IsRight(FinanceQuestion question, GivenAnswer answer)
    {
        var text = answer.Text!;
        return question.Expected.All(expected => text.Contains(expected, StringComparison.Ordinal))
            && (question.Value is not { } value || answer.Values.Any(one => one == value))
            && (question.Beginning is not { } beginning || text.StartsWith(beginning, StringComparison.Ordinal))
            && (question.Winner is not { } winner || question.Beginning is not null || First(text) == winner);
    }

    /// <summary>The company that the answer names first.</summary>
    private string? First(string text) => companies.Select(company => (company, At: text.IndexOf(company, StringComparison.Ordinal))).Where(one => one.At >= 0).OrderBy(one => one.At).Select(one => one.company).FirstOrDefault();

    private static double Share<T>(IEnumerable<T> all, Func<T, bool> passes)
    {
        var list = all.ToList();
        return list.Count == 0 ? 0 : (double)list.Count(passes) / list.Count;
    }
}
