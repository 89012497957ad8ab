using System.CommandLine;
using Spectre.Console;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Train;

/// <summary><c>build</c>: from a pairs file to a model folder.</summary>
internal static class BuildCommand
{
    public static Command Create()
    {
        var pairs = new Option<FileInfo>("--pairs") { Description = "Lines anchor<TAB>positive, UTF-8, .gz too.", Required = true };
        var output = new Option<DirectoryInfo>("--output") { Description = "The model folder to write.", Required = true };
        var sources = new Option<FileInfo?>("--sources") { Description = "Markdown list of the texts and their licences, for the model card." };
        var sourceIds = new Option<FileInfo?>("--source-ids") { Description = "The source id of each pair, a line each, .gz too." };
        var exclude = new Option<string[]>("--exclude") { Description = "Source ids to leave out, to measure with them.", AllowMultipleArgumentsPerToken = true };
        var excludeSplits = new Option<string[]>("--exclude-split") { Description = "Splits of models/eval/splits.json whose sources to leave out.", AllowMultipleArgumentsPerToken = true };
        var splits = new Option<FileInfo>("--splits") { Description = "Where splits are defined.", DefaultValueFactory = _ => new FileInfo("models/eval/splits.json") };
        var figures = new Option<FileInfo?>("--figures") { Description = "Markdown with measured figures, for the model card." };
        var name = new Option<string>("--name") { Description = "The model's name.", DefaultValueFactory = _ => "sutra-static" };
        var dimensions = new Option<int>("--dimensions") { Description = "Length of the vectors.", DefaultValueFactory = _ => 256 };
        var vocabulary = new Option<int>("--vocabulary") { Description = "Number of pieces, 4000 to 65535.", DefaultValueFactory = _ => 30_000 };
        var minimumCount = new Option<int>("--minimum-count") { Description = "Rarer words teach the vocabulary nothing.", DefaultValueFactory = _ => 4 };
        var epochs = new Option<int>("--epochs") { Description = "Times that training goes through the pairs; 0 = random × IDF vectors only.", DefaultValueFactory = _ => 3 };
        var batch = new Option<int>("--batch") { Description = "Pairs per training step, a multiple of 16.", DefaultValueFactory = _ => 1024 };
        var spelling = new Option<float>("--spelling") { Description = "Length of what pieces spelt alike have in common before training, beside the random part; 0 = nothing.", DefaultValueFactory = _ => 1.5f };
        var keepInitial = new Option<float>("--keep-initial") { Description = "How much of the initial vectors is added to the trained ones.", DefaultValueFactory = _ => 0.4f };
        var saturate = new Option<bool>("--saturate") { Description = "A piece that occurs n times in a text counts n^¾ times; false: n times.", DefaultValueFactory = _ => true };
        var sameSourceFrom = new Option<double>("--same-source-from") { Description = "Part of the training after which a batch comes from one source, 0 to 1 (never).", DefaultValueFactory = _ => 0.3 };
        var smallestCutWeight = new Option<float>("--smallest-cut-weight") { Description = "How much more the smallest Matryoshka cut counts in training than each other.", DefaultValueFactory = _ => 16 };
        var smallestCutStart = new Option<float>("--smallest-cut-start") { Description = "Factor of the initial vectors in the smallest cut's dimensions.", DefaultValueFactory = _ => 0.35f };
        var spanQueries = new Option<double>("--span-queries") { Description = "Part of the pairs drawn as a sentence against the rest of its text, 0 to 1.", DefaultValueFactory = _ => 0.5 };
        var heldOut = new Option<int>("--held-out") { Description = "Pairs at the end of the file to measure with instead of training on them.", DefaultValueFactory = _ => 2000 };
        var seed = new Option<ulong>("--seed") { Description = "The same seed and corpus give the same files.", DefaultValueFactory = _ => 1 };
        var limit = new Option<int>("--limit") { Description = "Read only so many pairs; 0 = all.", DefaultValueFactory = _ => 0 };
        var threads = new Option<int>("--threads") { Description = "Threads to use.", DefaultValueFactory = _ => Environment.ProcessorCount };

        var command = new Command("build", "Learn a vocabulary from text pairs and write a static embedding model.")
        {
            pairs, sourceIds, exclude, excludeSplits, splits, output, sources, figures, name, dimensions, vocabulary, minimumCount, epochs, batch, spelling, keepInitial, saturate, sameSourceFrom, smallestCutWeight, smallestCutStart, spanQueries, heldOut, seed, limit, threads,
        };
        command.SetAction(parsed =>
        {
            try
            {
                var excluded = parsed.GetValue(exclude)!.ToHashSet(StringComparer.Ordinal);
                foreach (var split in parsed.GetValue(excludeSplits)!)
                {
                    excluded.UnionWith(Split.Read(parsed.GetValue(splits)!.FullName, split));
                }

                var options = new BuildOptions(parsed.GetValue(pairs)!.FullName, parsed.GetValue(output)!.FullName)
                {
                    SourceIdsPath = parsed.GetValue(sourceIds)?.FullName,
                    Excluded = excluded,
                    FiguresPath = parsed.GetValue(figures)?.FullName,
                    SourcesPath = parsed.GetValue(sources)?.FullName,
                    Name = parsed.GetValue(name)!,
                    Dimensions = parsed.GetValue(dimensions),
                    VocabularySize = parsed.GetValue(vocabulary),
                    MinimumCount = parsed.GetValue(minimumCount),
                    Epochs = parsed.GetValue(epochs),
                    BatchSize = parsed.GetValue(batch),
                    SpellingShare = parsed.GetValue(spelling),
                    KeepInitial = parsed.GetValue(keepInitial),
                    Saturate = parsed.GetValue(saturate),
                    SameSourceFrom = parsed.GetValue(sameSourceFrom),
                    SmallestCutWeight = parsed.GetValue(smallestCutWeight),
                    SmallestCutStart = parsed.GetValue(smallestCutStart),
                    SpanQueries = parsed.GetValue(spanQueries),
                    HeldOut = parsed.GetValue(heldOut),
                    Seed = parsed.GetValue(seed),
                    Limit = parsed.GetValue(limit),
                    Threads = parsed.GetValue(threads),
                };
                new ModelBuilder(options, AnsiConsole.Console).Build();
                return 0;
            }
            catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"sutra-train: {e.Message}");
                return 1;
            }
        });
        return command;
    }
}
