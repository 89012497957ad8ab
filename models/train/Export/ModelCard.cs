using System.Globalization;

namespace Sutra.Models.Train.Export;

/// <summary>The README.md of a model folder.</summary>
internal static class ModelCard
{
    public static string Write(ModelDescription model, int bytes) => string.Create(CultureInfo.InvariantCulture, $"""
        # {model.Build.Name}

        A static text embedding model for English: one vector per word piece, and a text is the normalised sum of its pieces' vectors.
        No attention, no word order; tens of thousands of short texts a second on one core. Made from nothing by this repository's own
        tool; no pretrained weights of anybody went in.

        | | |
        |---|---|
        | kind | {model.Kind} |
        | dimensions | {model.Build.Dimensions}{(model.MatryoshkaDimensions.Count == 1 ? "" : $" (may be cut to {string.Join(" or ", model.MatryoshkaDimensions.SkipLast(1))}; normalise again after the cut)")} |
        | vocabulary | {model.Pieces} WordPiece pieces: lower case, accents stripped, no [CLS] or [SEP] |
        | weights | int8, one scale per row; `model.onnx` is {bytes / 1e6:F1} MB, ONNX opset 17 |
        | inputs | `input_ids`, `attention_mask` int64 [batch, sequence] |
        | output | `sentence_embedding` float [batch, {model.Build.Dimensions}], L2-normalised; zeros for a text without pieces |
        | text seen | {model.Pairs} pairs |
        | licence | {(model.Sources is null ? "not stated" : "Apache-2.0")} |

        ## Made by

        ```
        {model.Command}
        ```

        The same corpus and seed give the same files, byte for byte.{(model.TrainedWithout.Count == 0 ? "" : " Sources were left out to measure with them: this is no model to ship.")}

        ## How

        - **Vocabulary**: printable ASCII and some alphabets as single characters (so unknown words break into pieces instead of being unknown),
          all numbers of one to three digits and the years 1900–2099 (so dates and prices stay apart), then byte-pair merges over the words of
          the corpus.
        - **Vectors at first**: random directions, as long as the piece is rare (N(0, 1) × ln((N + 1) / df) / 6){(model.Build.SpellingShare > 0 ? ", with a part in common\n  for pieces that are spelt alike" : "")}. Texts are close when they share telling words.
        - **A text**: {(model.Build.Saturate ? "the sum of its pieces' vectors, a piece that occurs n times counting n^¾ times" : "the mean of its pieces' vectors")}, made unit.
        {(model.Build.Epochs == 0 ? "- **Nothing about meaning was learnt.**" : Training(model))}

        {model.Figures?.Trim()}

        {HeldOut(model)}## Text it was made from, and licences

        Word counts and document frequencies{(model.Build.Epochs == 0 ? "" : ", and the training pairs,")} come from {(model.Sources is null ? "text whose licence was not stated" : "openly licensed text")}; none of the text itself is in the model:

        {model.Sources?.Trim() ?? "Not stated."}

        ## Limits

        English only: other scripts break into characters, Chinese mostly into unknown pieces. Word order and negation are invisible. Best on
        documentation-like text; weak on rare proper names. Scores are cosines and no probabilities.

        """).ReplaceLineEndings("\n");

    private static string Training(ModelDescription model) => string.Create(CultureInfo.InvariantCulture, $"""
        - **Training**: a text shall find its counterpart among the others of a batch, by the cosine of the whole vectors and of each cut
          (multiple-negatives ranking loss, scale 20, Matryoshka, the smallest cut weighing {model.Build.SmallestCutWeight}-fold).{(model.Build.SpanQueries > 0 ? $"\n  When a pair is drawn, a sentence takes the anchor's place in a part of {model.Build.SpanQueries} and the rest of its paragraph is the counterpart\n  (inverse cloze task)." : "")}{(model.BatchesOfOneSource ? $"\n  After a part of {model.Build.SameSourceFrom} of the run a batch comes from one source, whose texts are hard to tell apart." : "")}{(model.Build.KeepInitial > 0 ? $"\n  {model.Build.KeepInitial} of the initial vectors is added to the trained ones, which keeps what training says little of." : "")}
          Numbers are not trained: they mean themselves.
        """);

    private static string HeldOut(ModelDescription model) => model.Quality.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"""
        ## A check of this run

        {model.HeldOut} pairs of the corpus that training did not see, each text looking for its counterpart among all of them (lines were held
        out, not whole sources: other lines of the same documents were seen):

        | | found first | mean reciprocal rank |
        |---|---|---|
        {string.Join('\n', model.Quality.Select(q => string.Create(CultureInfo.InvariantCulture, $"| {q.Name} | {q.Quality.FoundFirst:P1} | {q.Quality.MeanReciprocalRank:F3} |")))}


        """);
}
