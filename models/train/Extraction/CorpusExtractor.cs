using CsvHelper;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Train.Extraction;

/// <summary>From folder trees of Markdown, HTML and CSV files to a pairs file. The same trees and options give the same file.</summary>
public sealed class CorpusExtractor(ExtractOptions options)
{
    // Files whose pairs wait in memory for their turn.
    private const int Together = 256;

    private readonly PairRules _rules = new(options);
    private readonly Tally _files = new();
    private readonly Tally _pairs = new();
    private readonly Tally _sources = new();
    private int _read;

    /// <param name="report">Called after some files, from the calling thread.</param>
    /// <exception cref="IOException">A folder is missing, or the output cannot be written.</exception>
    /// <exception cref="InvalidDataException">There is not one pair; nothing was written.</exception>
    public ExtractionSummary Extract(Action<ExtractionProgress>? report = null)
    {
        options.Validate();
        var files = FileTree.List(options.Folders, _files.Add);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.OutputPath))!);
        using var spool = new PairSpool(options.OutputPath);
        var (done, found) = (0, 0);
        foreach (var chunk in files.Chunk(Together))
        {
            var pages = new IReadOnlyList<TextPair>?[chunk.Length];
            Parallel.For(0, chunk.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, i => pages[i] = ReadPage(chunk[i]));
            for (var i = 0; i < chunk.Length; i++)
            {
                found += pages[i] is { } page ? AddAll(page, chunk[i], spool, done) : AddRows(chunk[i], spool);
                done++;
            }

            report?.Invoke(new ExtractionProgress(done, files.Count, found));
        }

        if (found == 0)
        {
            throw new InvalidDataException($"No pairs in {files.Count} files{(files.Count > 0 ? $": {_files}" : "")}.");
        }

        var (written, boilerplate) = spool.WriteTo(options);
        _pairs.Add("boilerplate", boilerplate);
        return new ExtractionSummary(_read, written, _sources.Counts, _files.Counts, _pairs.Counts);
    }

    private int AddAll(IEnumerable<TextPair> pairs, SourceFile file, PairSpool spool, int? page)
    {
        var added = 0;
        foreach (var raw in pairs)
        {
            if (_rules.Apply(raw, out var reason) is not { } pair)
            {
                _pairs.Add(reason);
            }
            else if (spool.Add(pair, file.Source, page))
            {
                added++;
            }
            else
            {
                _pairs.Add("duplicate");
            }
        }

        _sources.Add(file.Source, added);
        return added;
    }

    /// <returns>Null for a file of rows.</returns>
    private IReadOnlyList<TextPair>? ReadPage(SourceFile file)
    {
        if (file.Kind is SourceKind.Csv or SourceKind.Tsv)
        {
            return null;
        }

        try
        {
            var (text, skipped) = TextFile.Read(file.FullPath, options.MaximumFileBytes);
            if (text is null)
            {
                _files.Add(skipped!);
                return [];
            }

            var page = file.Kind == SourceKind.Markdown ? MarkdownReader.Read(text) : HtmlReader.Read(text);
            var pairs = PagePairs.Of(page, options, _pairs.Add);
            Interlocked.Increment(ref _read);
            return pairs;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _files.Add("unreadable");
            return [];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Strangers' text in other people's parsers: one page that breaks them must not end the run.
            _files.Add("cannot be parsed");
            return [];
        }
    }

    private int AddRows(SourceFile file, PairSpool spool)
    {
        if (options.CsvColumns is not { } columns)
        {
            _files.Add("CSV, and no columns were named");
            return 0;
        }

        var added = 0;
        try
        {
            if (TextFile.IsBinary(file.FullPath))
            {
                _files.Add("binary");
                return 0;
            }

            // Row by row, so that what came before damage is kept and counted.
            foreach (var row in CsvPairs.Read(file.FullPath, columns, file.Kind == SourceKind.Tsv ? '\t' : null))
            {
                added += AddAll([row], file, spool, page: null);
            }

            _read++;
        }
        catch (KeyNotFoundException)
        {
            _files.Add("CSV without the columns");
        }
        catch (CsvFormatException)
        {
            _files.Add("damaged CSV, read up to the damage");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _files.Add("unreadable");
        }

        return added;
    }

    /// <summary>Counts by reason, from any thread.</summary>
    private sealed class Tally
    {
        private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, int> Counts => _counts.Where(c => c.Value > 0)
            .OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);

        public void Add(string reason) => Add(reason, 1);

        public void Add(string reason, int count)
        {
            lock (_counts)
            {
                _counts[reason] = _counts.GetValueOrDefault(reason) + count;
            }
        }

        public override string ToString() => Counts.Count == 0 ? "nothing was skipped" : string.Join(", ", Counts.Select(c => $"{c.Value} {c.Key}"));
    }
}
