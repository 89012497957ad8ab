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
    /// <exception cref="ArgumentException">Sources are to be left out, but nothing says which pair is whose.</exception>
    public void Build()
    {
        if (options.Excluded.Count > 0 && options.SourceIdsPath is null)
        {
            throw new ArgumentException("To leave sources out, the file with the source id of each pair is needed (--source-ids).", nameof(options));
        }

        var pairs = new PairsFile(options.PairsPath, options.SourceIdsPath, options.Excluded);
        var counts = Step("Counting words", report => WordCounts.Count(pairs.ReadChunks(options.Limit), options.Threads, report));
        var vocabulary = Step("Learning the vocabulary", _ => VocabularyLearner.Learn(counts, options.VocabularySize, options.MinimumCount));
        var corpus = Step("Encoding", report => EncodedCorpus.Encode(pairs.ReadChunks(options.Limit), vocabulary, options.Threads, report: report));
        var table = Step("Drawing vectors", _ => RandomIdfInitializer.Create(corpus.DocumentFrequencies, corpus.Pairs.Count, options.Dimensions, options.Seed));
        SpellingInitializer.Apply(table, vocabulary, options.SpellingShare, options.Seed, options.Threads);

        int[] prefixes = [.. new[] { 64, 128 }.Where(d => d < options.Dimensions), options.Dimensions];
        var heldOut = corpus.Pairs.Count >= 10 * options.HeldOut ? options.HeldOut : 0;
        var unseen = corpus.Pairs.Skip(corpus.Pairs.Count - heldOut).ToArray();
        var quality = new List<(string, RetrievalQuality)>();
        Measure("untrained", options.Dimensions);
        Checkpoint? checkpoint = null;
        if (options.Epochs > 0)
        {
            checkpoint = Train(table, corpus.Pairs.SkipLast(heldOut).ToArray(), prefixes, vocabulary);
            foreach (var dimensions in prefixes.Reverse())
            {
                Measure(string.Create(CultureInfo.InvariantCulture, $"trained, {dimensions} dimensions"), dimensions);
            }
        }

        var description = new ModelDescription
        {
            Name = options.Name,
            Dimensions = options.Dimensions,
            MatryoshkaDimensions = prefixes,
            Pieces = vocabulary.Count,
            Seed = options.Seed,
            Pairs = corpus.Pairs.Count,
            HeldOut = heldOut,
            Epochs = options.Epochs,
            Quality = quality,
            Saturated = options.Saturate,
            Figures = options.FiguresPath is null ? null : File.ReadAllText(options.FiguresPath),
            Command = Command(),
            Sources = options.SourcesPath is null ? "Not stated." : File.ReadAllText(options.SourcesPath),
        };
        ModelFolder.Write(options.OutputFolder, vocabulary, table, description);
        checkpoint?.Delete();
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

    private Checkpoint Train(EmbeddingTable table, IReadOnlyList<EncodedPair> pairs, IReadOnlyList<int> prefixes, PieceVocabulary vocabulary)
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
            Threads = options.Threads,
        };
        Directory.CreateDirectory(options.OutputFolder);
        var checkpoint = new Checkpoint(Path.Combine(options.OutputFolder, "training.checkpoint"), recipe, table, pairs);
        var view = new TrainingView(console, options.BatchSize);
        var initial = table.Values.ToArray();
        view.Run(report => new ContrastiveTrainer(recipe).Train(table, pairs, report, checkpoint));

        // Some of where it came from keeps a model good at what its training says little of (Wortsman et al., 2022).
        TensorPrimitives.MultiplyAdd(initial, options.KeepInitial, table.Values, table.Values);
        return checkpoint;
    }

    private string Command() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        dotnet run -c Release --project models/train -- build --pairs {Shown(options.PairsPath)}{Given(" --source-ids ", options.SourceIdsPath)}{Given(" --sources ", options.SourcesPath)}{Given(" --figures ", options.FiguresPath)} \
          --output models/{options.Name} --dimensions {options.Dimensions} --vocabulary {options.VocabularySize} --minimum-count {options.MinimumCount} --epochs {options.Epochs} --batch {options.BatchSize} \
          --spelling {options.SpellingShare} --span-queries {options.SpanQueries} --same-source-from {options.SameSourceFrom} --smallest-cut-weight {options.SmallestCutWeight} \
          --keep-initial {options.KeepInitial} --saturate {options.Saturate} --held-out {options.HeldOut} --seed {options.Seed}
        """).ReplaceLineEndings("\n");

    private static string Given(string flag, string? path) => path is null ? "" : flag + Shown(path);

    // What lies in the working folder as it is typed; of anything else the name alone, which says nothing of the machine.
    private static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? Path.GetFileName(path) : relative;
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
