using System.Globalization;
using System.Runtime.ExceptionServices;
using Spectre.Console;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Export;
using Sutra.Models.Train.Initialization;
using Sutra.Models.Train.Vocabulary;

namespace Sutra.Models.Train;

/// <summary>The steps from a pairs file to a model folder: count, learn the vocabulary, encode, initialise, write.</summary>
public sealed class ModelBuilder(BuildOptions options, IAnsiConsole console)
{
    public void Build()
    {
        var pairs = new PairsFile(options.PairsPath);
        var counts = Step("Counting words", report => WordCounts.Count(pairs.ReadChunks(options.Limit), options.Threads, report));
        var vocabulary = Step("Learning the vocabulary", _ => VocabularyLearner.Learn(counts, options.VocabularySize, options.MinimumCount));
        var corpus = Step("Encoding", report => EncodedCorpus.Encode(pairs.ReadChunks(options.Limit), vocabulary, options.Threads, report: report));
        var table = Step("Drawing vectors", _ => RandomIdfInitializer.Create(corpus.DocumentFrequencies, corpus.Pairs.Count, options.Dimensions, options.Seed));

        var description = new ModelDescription
        {
            Name = options.Name,
            Dimensions = options.Dimensions,
            Pieces = vocabulary.Count,
            Seed = options.Seed,
            Pairs = corpus.Pairs.Count,
            Epochs = 0,
            Command = Command(),
            Sources = options.SourcesPath is null ? "Not stated." : File.ReadAllText(options.SourcesPath),
        };
        ModelFolder.Write(options.OutputFolder, vocabulary, table, description);
        WriteLine($"{options.OutputFolder}: {vocabulary.Count} pieces of {options.Dimensions} dimensions from {corpus.Pairs.Count} pairs");
    }

    private string Command() => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run -c Release --project models/train -- build --pairs {Path.GetFileName(options.PairsPath)} --sources models/sources.md --output models/{options.Name} --dimensions {options.Dimensions} --vocabulary {options.VocabularySize} --minimum-count {options.MinimumCount} --seed {options.Seed}");

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
