using System.Numerics.Tensors;
using Sutra.Embedder.Tokenization;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Eval.Systems;

/// <summary>Where training starts: random directions times IDF, counted on the training side only; a text is the sum of its pieces.</summary>
internal sealed class RandomIdfSystem(TextTokenizer tokenizer, EmbeddingTable table, IReadOnlyList<int> cuts, int maximumTokens, int threads) : IEmbeddingSystem
{
    public string Name { get; init; } = "random × IDF";

    public IReadOnlyList<int> Cuts { get; } = cuts;

    public VectorTable Embed(IReadOnlyList<string> texts)
    {
        var dimensions = table.Dimensions;
        var values = new float[texts.Count * dimensions];
        Parallel.For(
            0,
            texts.Count,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => new TokenBuffer(),
            (text, _, tokens) =>
            {
                tokens.CutTo(0);
                var range = tokenizer.Encode(texts[text], maximumTokens, tokens);
                var sum = values.AsSpan(text * dimensions, dimensions);
                foreach (var id in tokens[range])
                {
                    TensorPrimitives.Add(sum, table[id], sum);
                }

                return tokens;
            },
            tokens => tokens.Dispose());
        return new VectorTable(values, Cuts);
    }
}
