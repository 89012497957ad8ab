using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Train.Extraction;

/// <summary>Makes a pair fit to be a line, or says why it is left out.</summary>
internal sealed class PairRules(ExtractOptions options)
{
    // Less is a formula, a path list, a picture made of characters.
    private const double MinimumLetterShare = 0.5;

    public TextPair? Apply(TextPair pair, out string reason)
    {
        var anchor = PlainText.Clean(pair.Anchor);
        var positive = PlainText.Cut(PlainText.Clean(pair.Positive), options.MaximumPositive);
        reason = anchor.Length < options.MinimumAnchor ? "short anchor"
            : anchor.Length > options.MaximumAnchor ? "long anchor"
            : positive.Length < options.MinimumPositive ? "short positive"
            : !anchor.Any(char.IsLetter) || PlainText.LetterShare(positive) < MinimumLetterShare ? "hardly any letters"
            : string.Equals(anchor, positive, StringComparison.OrdinalIgnoreCase) ? "the same text twice"
            : "";
        return reason.Length == 0 ? new TextPair(anchor, positive) : null;
    }
}
