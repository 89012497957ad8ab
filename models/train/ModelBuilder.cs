using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using Spectre.Console;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Export;
using Sutra.Models.Train.Initialization;
using Sutra.Models.Train.Training;
using Sutra.Models.Train.Vocabulary;

namespace Sutra.Models.Train;

/// <summary>The steps from a pairs file to a model folder: count, learn the vocabulary, encode, draw vectors, train, write.</summary>
public sealed class ModelBuilder(BuildOptions options, IAnsiConsole console)
{
    /// <summary>Factor of the numbers' rows beside the trained ones; of 1 to 2.5, the one with which three questions about dated rows ranked best.</summary>
    private const float NumberGrowth = 1.5f;

    private string CheckpointPath => Path.Combine(options.OutputFolder, "training.checkpoint");

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void Build()
    {
        options.Validate();
        var sources = options.SourcesPath is null ? null : File.ReadAllText(options.SourcesPath);
        var figures = options.FiguresPath is null ? null : File.ReadAllText(options.FiguresPath);
        var pairs = new PairsFile(options.PairsPath, options.SourceIdsPath, options.Excluded);
        var counts = Step("Counting words", report => WordCounts.Count(pairs.ReadChunks(options.Limit), options.Threads, report));
        var vocabulary = Step("Learning the vocabulary", _ => VocabularyLearner.Learn(counts, options.VocabularySize, options.MinimumCount));
        var corpus = Step("Encoding", report => EncodedCorpus.Encode(pairs.ReadChunks(options.Limit), vocabulary, options.Threads, report: report));
        var table = Step("Drawing vectors", _ => RandomIdfInitializer.Create(corpus.DocumentFrequencies, corpus.Pairs.Count, options.Dimensions, options.Seed));
        SpellingInitializer.Apply(table, vocabulary, options.SpellingShare, options.Seed, options.Threads);

        int[] prefixes = [.. new[] { 64, 128 }.Where(d => d < options.Dimensions), options.Dimensions];
        for (var row = 0; row < table.Rows && prefixes.Length > 1; row++)
        {
            TensorPrimitives.Multiply(table[row][..prefixes[0]], options.SmallestCutStart, table[row][..prefixes[0]]);
        }

        var heldOut = corpus.Pairs.Count >= 10 * options.HeldOut ? options.HeldOut : 0;
        var unseen = corpus.Pairs.Skip(corpus.Pairs.Count - heldOut).ToArray();
        var quality = new List<(string, RetrievalQuality)>();
        Measure("untrained", options.Dimensions);
        if (options.Epochs > 0)
        {
            Train(table, corpus.Pairs.SkipLast(heldOut).ToArray(), prefixes, vocabulary);
            foreach (var dimensions in prefixes.Reverse())
            {
                Measure(string.Create(CultureInfo.InvariantCulture, $"trained, {dimensions} dimensions"), dimensions);
            }
        }

        var description = new ModelDescription
        {
            Build = options,
            MatryoshkaDimensions = prefixes,
            Pieces = vocabulary.Count,
            Pairs = corpus.Pairs.Count,
            HeldOut = heldOut,
            BatchesOfOneSource = corpus.Pairs.Any(p => p.Source != corpus.Pairs[0].Source) && options.SameSourceFrom < 1,
            Quality = quality,
            Figures = figures,
            Sources = sources,
        };
        ModelFolder.Write(options.OutputFolder, vocabulary, table, description);
        Checkpoint.Delete(CheckpointPath);
        WriteLine($"{options.OutputFolder}: {vocabulary.Count} pieces of {options.Dimensions} dimensions from {corpus.Pairs.Count} pairs");

        void Measure(string name, int dimensions)
        {
            if (heldOut > 0)
            {
                var measured = RetrievalQuality.Measure(table, unseen, dimensions, options.Threads, options.Saturate);
                quality.Add((name, measured));
                WriteLine($"{name}: found first {measured.FoundFirst:P1}, mean reciprocal rank {measured.MeanReciprocalRank:F3}");
            }
        }
    }

    private void Train(EmbeddingTable table, IReadOnlyList<EncodedPair> pairs, IReadOnlyList<int> prefixes, PieceVocabulary vocabulary)
    {
        var recipe = new TrainingOptions
        {
            Epochs = options.Epochs,
            BatchSize = options.BatchSize,
            Prefixes = prefixes,
            PrefixWeights = [options.SmallestCutWeight, .. prefixes.Skip(1).Select(_ => 1f)],
            Saturate = options.Saturate,
            SameSourceFrom = options.SameSourceFrom,
            Seed = options.Seed,
            SpanQueries = options.SpanQueries,
            SentenceEnd = vocabulary.IdOf("."),

            // A number means itself: headings would teach that it says little, and then one day's prices would look like another's.
            Frozen = Enumerable.Range(0, vocabulary.Count).Where(id => vocabulary.IsNumber(id)).ToHashSet(),
            Threads = options.Threads,
        };
        Directory.CreateDirectory(options.OutputFolder);
        var checkpoint = new Checkpoint(CheckpointPath, recipe, table, pairs);
        var view = new TrainingView(console, options.BatchSize);
        var initial = table.Values.ToArray();
        view.Run(report => new ContrastiveTrainer(recipe).Train(table, pairs, report, checkpoint));

        // Some of where it came from keeps a model good at what its training says little of (Wortsman et al., 2022).
        TensorPrimitives.MultiplyAdd(initial, options.KeepInitial, table.Values, table.Values);

        // Frozen, they would weigh less beside what training moved.
        foreach (var number in recipe.Frozen)
        {
            TensorPrimitives.Multiply(table[number], NumberGrowth, table[number]);
        }
    }

    private T Step<T>(string name, Func<Action<int>, T> run)
    {
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            var result = console.Profile.Capabilities.Interactive
                ? console.Status().Start(name, status => run(Count(name, status)))
                : run(_ => { });
            WriteLine($"{name}: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");
            return result;
        }
        catch (AggregateException e) when (e.InnerException is not null)
        {
            // Thrown by a parallel loop; what went wrong is the first thing inside.
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    private static Action<int> Count(string name, StatusContext status)
    {
        var done = 0L;
        return pairs => status.Status(string.Create(CultureInfo.InvariantCulture, $"{name}: {Interlocked.Add(ref done, pairs):N0} pairs"));
    }

    // Past the console's line wrapping: a log file gets whole lines.
    private void WriteLine(FormattableString line) => console.Profile.Out.Writer.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
