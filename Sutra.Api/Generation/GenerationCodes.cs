namespace Sutra.Api.Generation;

/// <summary>Why an answer is not, or not whole, the language model's.</summary>
internal static class GenerationCodes
{
    public const string NoAnswerToWrite = "no_answer";
    public const string ModelFoundNone = "model_found_no_answer";
    public const string NotCited = "not_cited";
    public const string NotSupported = "not_supported";
    public const string TimedOut = "timed_out";
    public const string Unreachable = "unreachable";
    public const string Refused = "refused";
    public const string Busy = "busy";
    public const string Failed = "failed";
    public const string TooLong = "too_long";

    public static string Reason(string code) => code switch
    {
        NoAnswerToWrite => "There is no answer to write.",
        ModelFoundNone => "The language model found no answer in the evidence.",
        NotCited => "The language model wrote something without naming evidence that there is.",
        NotSupported => "The language model wrote something that the evidence it names does not say.",
        TimedOut => "The language model did not answer in time.",
        Unreachable => "The language model cannot be reached.",
        Refused => "The language model, or who runs it, refused to answer.",
        Busy => "The language model has no capacity left.",
        TooLong => "The language model wrote more than may be.",
        _ => "The language model failed.",
    };
}
