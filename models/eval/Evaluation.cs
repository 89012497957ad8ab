using System.Globalization;
using Spectre.Console;
using Sutra.Embedder.Tokenization;
using Sutra.Models.Eval.Corpus;
using Sutra.Models.Eval.Metrics;
using Sutra.Models.Eval.Reports;
using Sutra.Models.Eval.Sets;
using Sutra.Models.Eval.Systems;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Eval;

/// <summary>The steps of a run: open the models, read the corpus once, draw the sets, then every system on every set.</summary>
internal sealed class Evaluation(EvaluationOptions options, IAnsiConsole console)
{
    private const int HashedDimensions = 256;

    // What the built-in model reads of a text; the baseline shall see the same.
    private const int BaselineTokens = 2048;

    private readonly Steps _steps = new(console);

    public EvaluationReport Run()
    {
        var split = Splits.Read(options.SplitsPath, options.Split);
        var tuning = Splits.Read(options.SplitsPath, Splits.Tuning);
        var models = OpenModels();
        try
        {
            return Run(split, tuning, models);
        }
        finally
        {
            models.ForEach(model => model.Dispose());
        }
    }

    private EvaluationReport Run(IReadOnlyList<string> split, IReadOnlyList<string> tuning, List<ModelSystem> models)
    {
        var tokenizers = models.DistinctBy(m => m.TokenizerIdentity).ToDictionary(m => m.TokenizerIdentity, m => m.Tokenizer);
        var digest = _steps.Run("Reading the corpus", tell =>
        {
            long read = 0;
            return CorpusReader.Read(
                new SourcedPairs(options.PairsPath, options.SourcesOfPairsPath).ReadChunks(),
                [.. split.Union(tuning, StringComparer.Ordinal)],
                split,
                [.. tokenizers.Values],
                options.Threads,
                pairs => tell(string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Add(ref read, pairs):N0} pairs")));
        });
        var minimumWords = options.Split == Splits.Dictionary ? 1 : 2;
        var usable = _steps.Run("Comparing texts", _ => split.Union(tuning, StringComparer.Ordinal).AsParallel()
            .WithDegreeOfParallelism(options.Threads)
            .ToDictionary(source => source, source => RetrievalSet.Usable(digest.Pairs[source], IsKnown(source)), StringComparer.Ordinal));
        var sets = _steps.Run("Drawing sets, BM25", tell => split.Select(source => Build(source, minimumWords, tell)).ToArray());
        var tuningSets = _steps.Run("Drawing tuning sets, BM25", tell => tuning.Select(source => Build(source, 2, tell)).ToArray());
        var similaritySets = _steps.Run("Grading pairs", _ => SimilaritySets(split, digest, usable));

        List<RetrievalResult> retrieval = [Bm25(sets)];
        List<SimilarityResult> similarity = [];
        List<CalibrationResult> calibration = [];
        List<FusionGain> gains = [];
        foreach (var system in Systems(models, [.. tokenizers.Keys], digest.Training))
        {
            var figures = _steps.Run($"{system.Name}, {system.Cuts[^1]} d", tell => Measure(system, sets, retrieval[0].Sets, tuningSets, similaritySets, tell));
            retrieval.AddRange(figures.Retrieval);
            similarity.AddRange(figures.Similarity);
            calibration.AddRange(figures.Calibration);
            gains.AddRange(figures.Gains);
        }

        return new EvaluationReport
        {
            Split = options.Split,
            Seed = options.Seed,
            TrainingPairs = digest.Training.Pairs,
            TuningSources = tuning,
            SourcesSeen = [.. models.Select(m => SourcesSeen.Of(m.Name, m.TrainedWithout, split, tuning))],
            Sets = [.. sets.Select(s => new SetSize(s.Set.Source, s.Set.Documents.Count, s.Set.Queries.Count))],
            Retrieval = retrieval,
            FusionGains = gains,
            SimilaritySets = [.. similaritySets.Select(s => new GradedSetSize(s.Name, s.Pairs.Count, s.Pairs.Max(p => p.Grade) + 1))],
            Similarity = similarity,
            Calibration = calibration,
        };

        // What w is tuned on need not be unseen; the report says whether it was.
        Func<string, bool> IsKnown(string source) => split.Contains(source, StringComparer.Ordinal) ? digest.Training.Has : _ => false;

        IndexedSet Build(string source, int words, Action<string> tell)
        {
            tell(source);
            var set = RetrievalSet.Build(source, digest.Pairs[source], usable[source], words, options.MaximumDocuments, options.MaximumQueries, options.Seed);
            return set.Queries.Count > 0
                ? IndexedSet.Build(set, options.Threads)
                : throw new InvalidDataException($"{source} gives no queries: it has {digest.Pairs[source].Count} pairs.");
        }
    }

    private List<ModelSystem> OpenModels()
    {
        var models = new List<ModelSystem>();
        try
        {
            foreach (var folder in options.ModelFolders)
            {
                models.Add(new ModelSystem(folder, options.Threads));
            }

            foreach (var same in models.GroupBy(m => m.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            {
                foreach (var model in same)
                {
                    model.Name = options.ModelFolders[models.IndexOf(model)];
                }
            }

            return models;
        }
        catch
        {
            models.ForEach(model => model.Dispose());
            throw;
        }
    }

    /// <summary>Baselines first; each is made when its turn comes, so only one table is in memory.</summary>
    private IEnumerable<IEmbeddingSystem> Systems(List<ModelSystem> models, IReadOnlyList<string> tokenizers, TrainingSide training)
    {
        foreach (var dimensions in models.Select(m => m.Cuts[^1]).Append(HashedDimensions).Distinct().Order())
        {
            yield return new NGramSystem(dimensions, training.NGrams, options.Threads);
        }

        foreach (var alike in models.GroupBy(m => (m.TokenizerIdentity, Dimensions: m.Cuts[^1])))
        {
            var place = Enumerable.Range(0, tokenizers.Count).First(t => tokenizers[t] == alike.Key.TokenizerIdentity);
            var table = RandomIdfInitializer.Create(training.PieceFrequencies[place], training.Pairs, alike.Key.Dimensions, options.Seed);
            int[] cuts = [.. alike.SelectMany(m => m.Cuts).Distinct().Order()];
            yield return new RandomIdfSystem(alike.First().Tokenizer, table, cuts, BaselineTokens, options.Threads)
            {
                Name = tokenizers.Count == 1 ? "random × IDF" : $"random × IDF (pieces of {alike.First().Name})",
            };
        }

        foreach (var model in models)
        {
            yield return model;
            yield return new WordsByIdf(model);
        }
    }

    private static RetrievalResult Bm25(IReadOnlyList<IndexedSet> sets) =>
        new("BM25", null, null, [.. sets.Select(s => RetrievalMetrics.Of([.. s.Bm25.Select((scores, q) => RetrievalMetrics.Rank(scores, s.Set.Queries[q].Relevant))]))]);

    private SimilaritySet[] SimilaritySets(IReadOnlyList<string> split, CorpusDigest digest, Dictionary<string, IReadOnlySet<string>> usable)
    {
        var sets = options.Split == Splits.Dictionary
            ? DictionaryKinship.Build([.. split.Select(source => digest.Pairs[source])], digest.Training.Has, options.Seed)
            : split.Select(source => ParagraphKinship.Build(
                source,
                digest.Pairs[source],
                split.Where(other => other != source).SelectMany(other => usable[other]),
                usable[source],
                options.Seed));
        return [.. sets.Where(s => s.Pairs.Count >= options.MinimumGradedPairs)];
    }

    private SystemFigures Measure(
        IEmbeddingSystem system,
        IReadOnlyList<IndexedSet> sets,
        IReadOnlyList<RetrievalFigures> bm25,
        IReadOnlyList<IndexedSet> tuningSets,
        IReadOnlyList<SimilaritySet> similaritySets,
        Action<string> tell)
    {
        // Of baselines, fewer figures; and what only queries are different in compares other texts alike.
        var isModel = system is ModelSystem or WordsByIdf;
        IReadOnlyList<SimilaritySet> graded = system is WordsByIdf ? [] : similaritySets;
        tell("weight");
        var weight = DenseSearch.TuneWeight(tuningSets, system, options.Threads);
        var outcomes = new List<DenseOutcomes>();
        foreach (var set in sets)
        {
            tell(set.Set.Source);
            outcomes.Add(DenseSearch.Measure(set, system, weight, everyWeight: isModel, options.Threads));
        }

        var spearman = graded.Select(set => SimilarityMeasure.Spearman(set, system)).ToArray();
        var figures = new SystemFigures([], [], [], []);
        foreach (var (cut, dimensions) in system.Cuts.Index().Reverse())
        {
            figures.Retrieval.Add(new RetrievalResult(system.Name, dimensions, null, [.. outcomes.Select(o => Figures(o.Cosine[cut]))]));
            figures.Retrieval.Add(new RetrievalResult(system.Name, dimensions, weight, [.. outcomes.Select(o => Figures(o.Fused[cut]))]));
            if (spearman.Length > 0)
            {
                figures.Similarity.Add(new SimilarityResult(system.Name, dimensions, [.. spearman.Select(s => s[cut])]));
            }
        }

        if (isModel)
        {
            figures.Gains.Add(FusionGain.Of(system.Name, system.Cuts[^1], weight, FusedRanking.Weights, bm25, [.. outcomes.Select(o => o.FusedRanks)]));
            figures.Calibration.Add(Calibrate("cosine", 1, o => o.Cosine[^1]));
            figures.Calibration.Add(Calibrate("fused", 1 + weight, o => o.Fused[^1]));
            figures.Calibration.Add(Calibrate("cosine_of_fused", 1, o => o.CosineOfFused[^1]));
        }

        return figures;

        static RetrievalFigures Figures(QueryOutcome[] outcomes) => RetrievalMetrics.Of([.. outcomes.Select(o => o.Rank)]);

        CalibrationResult Calibrate(string score, double highest, Func<DenseOutcomes, QueryOutcome[]> choose) =>
            CalibrationResult.Of(system.Name, system.Cuts[^1], score, highest, [.. sets.Zip(outcomes, (set, o) => (set.Set.Source, choose(o)))]);
    }

    private sealed record SystemFigures(List<RetrievalResult> Retrieval, List<SimilarityResult> Similarity, List<CalibrationResult> Calibration, List<FusionGain> Gains);
}
