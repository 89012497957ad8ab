using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Bench.Storage.Lexical;

/// <summary>The lexical index: adding, writing an image, merging, the ten best of questions, one thread. minisearch (npm) beside it if it is there.</summary>
internal static class LexicalBench
{
    private const int Rounds = 5;
    private const int TopK = 10;

    /// <param name="arguments">A file of texts, one a line, .gz or not; --count 200000.</param>
    /// <param name="root">Of the repository.</param>
    public static void Run(string[] arguments, string root)
    {
        var count = Array.IndexOf(arguments, "--count") is var at and >= 0 ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : 200_000;
        var texts = ReadTexts(arguments[0], count);
        Console.WriteLine($"{texts.Length:n0} texts, {texts.Average(text => text.Length):n0} characters on average, English, {TopK} best, one thread");
        using var index = Add(texts);
        using var image = Write("image", index.Rows, new LexicalSource(index.Snapshot(), null));
        MergeHalves(texts);
        var kinds = Queries(texts);
        foreach (var (name, queries) in kinds)
        {
            Search($"{name}, image", image.Part, queries);
            Search($"{name}, memory", index.Snapshot(), queries);
        }

        MiniSearchPeer.Run(root, texts, kinds, TopK);
    }

    private static string[] ReadTexts(string path, int count)
    {
        using Stream file = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
        var texts = new List<string>();
        while (texts.Count < count && reader.ReadLine() is { } line)
        {
            texts.Add(line);
        }

        return [.. texts];
    }

    private static MutableLexicalIndex Add(string[] texts)
    {
        var bytes = texts.Sum(text => (long)System.Text.Encoding.UTF8.GetByteCount(text));
        MutableLexicalIndex? index = null;
        var seconds = Median(() =>
        {
            index?.Dispose();
            index = new MutableLexicalIndex(TextLanguage.English);
            for (var i = 0; i < texts.Length; i++)
            {
                index.Add(i, texts[i]);
            }
        });
        Console.WriteLine($"add: {texts.Length / seconds:n0} texts/s, {bytes / seconds / 1e6:n0} MB/s; {index!.Terms:n0} terms, {(double)index.Bytes / texts.Length:n0} bytes a text in memory ({(double)bytes / texts.Length:n0} of text)");
        return index;
    }

    private static ImageInMemory Write(string what, int rows, params LexicalSource[] sources)
    {
        var output = new MemoryStream();
        var seconds = Median(() =>
        {
            output.SetLength(0);
            LexicalImageWriter.Write(output, rows, sources);
        });
        var image = new ImageInMemory(output);
        Console.WriteLine($"{what}: {rows / seconds:n0} texts/s, {(double)output.Length / rows:n0} bytes a text, {image.Part.PostingCount / (double)rows:n0} postings a text");
        return image;
    }

    private static void MergeHalves(string[] texts)
    {
        using var first = new MutableLexicalIndex(TextLanguage.English);
        using var second = new MutableLexicalIndex(TextLanguage.English);
        for (var i = 0; i < texts.Length; i++)
        {
            (i % 2 == 0 ? first : second).Add(i / 2, texts[i]);
        }

        using var a = Write("image of a half", first.Rows, new LexicalSource(first.Snapshot(), null));
        using var b = Write("image of a half", second.Rows, new LexicalSource(second.Snapshot(), null));
        var map = Enumerable.Range(first.Rows, second.Rows).ToArray();
        Write("merge of both", texts.Length, new LexicalSource(a.Part, null), new LexicalSource(b.Part, map)).Dispose();
    }

    private static List<(string Name, string[] Queries)> Queries(string[] texts)
    {
        var random = new Random(1);
        var kinds = new List<(string, string[])>();
        foreach (var words in new[] { 1, 2, 5 })
        {
            kinds.Add(($"{words} words", [.. Enumerable.Range(0, 400).Select(_ => Words(texts[random.Next(texts.Length)], words, random))]));
        }

        return kinds;
    }

    // Words of one text, frequent ones as often as they stand there.
    private static string Words(string text, int count, Random random)
    {
        var words = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', Enumerable.Range(0, count).Select(_ => words[random.Next(words.Length)]));
    }

    private static void Search(string name, LexicalPart part, string[] queries)
    {
        var hits = new LexicalHit[TopK];
        LexicalPart[] parts = [part];
        var rates = new[] { LexicalWay.BlockMax, LexicalWay.Exhaustive, LexicalWay.Automatic }.Select(way => queries.Length / Median(() =>
        {
            foreach (var query in queries)
            {
                new LexicalSearch(parts, LexicalQuery.Parse(query, TextLanguage.English), Bm25Options.Default).Top(new AllRows(), new PlaceKey(), hits, way);
            }
        })).ToArray();
        Console.WriteLine($"{name}: {queries.Average(query => new LexicalSearch(parts, LexicalQuery.Parse(query, TextLanguage.English), Bm25Options.Default).Candidates):n0} candidates a question; Block-Max WAND {rates[0]:n0}/s, exhaustive {rates[1]:n0}/s ({rates[0] / rates[1]:n1} x), automatic {rates[2]:n0}/s");
    }

    // CPU time of this process: another may want the cores.
    private static double Median(Action action)
    {
        // The just-in-time compiler sees loops again when they have proved hot: a second at least before anything counts.
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < TimeSpan.FromSeconds(1);)
        {
            action();
        }

        var seconds = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            action();
            seconds[round] = Math.Max((Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds, 1e-3);
        }

        Array.Sort(seconds);
        return seconds[Rounds / 2];
    }

    private sealed unsafe class ImageInMemory : IDisposable
    {
        private readonly byte* _memory;

        public ImageInMemory(MemoryStream written)
        {
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)written.Length, 64);
            written.GetBuffer().AsSpan(0, (int)written.Length).CopyTo(new Span<byte>(_memory, (int)written.Length));
            Part = LexicalImage.Open(_memory, written.Length);
        }

        public LexicalImage Part { get; }

        public void Dispose()
        {
            Part.Dispose();
            NativeMemory.AlignedFree(_memory);
        }
    }
}
