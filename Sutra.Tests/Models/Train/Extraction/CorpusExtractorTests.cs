using System.IO.Compression;
using System.Text;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Extraction;

namespace Sutra.Tests.Models.Train.Extraction;

[TestClass]
public sealed class CorpusExtractorTests
{
    [TestMethod]
    public void Files_come_in_ordinal_order_with_their_sources_line_by_line()
    {
        using var tree = new Tree();
        tree.Add("zoo/a.md", Page("Zebra")).Add("Books/b.md", Page("Book")).Add("books/a.md", Page("Page")).Add("top.md", Page("Top"));

        var pairs = tree.Extract(o => o with { SourceNamesPath = tree.SourceNames });

        CollectionAssert.AreEqual(new[] { Pair("Book"), Pair("Page"), Pair("Top"), Pair("Zebra") }, pairs);
        CollectionAssert.AreEqual(new[] { "Books", "books", "tree", "zoo" }, File.ReadAllLines(tree.SourceNames));
        Assert.AreEqual(4, tree.Summary.FilesRead);
        Assert.AreEqual(4, tree.Summary.Pairs);
    }

    [TestMethod]
    public void Of_several_trees_each_is_a_source()
    {
        using var tree = new Tree();
        tree.Add("zoo/x/a.md", Page("Zebra")).Add("books/y/b.md", Page("Book"));

        var pairs = tree.Extract(o => o with
        {
            Folders = [Path.Combine(tree.Root, "zoo"), Path.Combine(tree.Root, "books") + "/"],
            SourceNamesPath = tree.SourceNames,
        });

        CollectionAssert.AreEqual(new[] { Pair("Zebra"), Pair("Book") }, pairs);
        CollectionAssert.AreEqual(new[] { "zoo", "books" }, File.ReadAllLines(tree.SourceNames));
    }

    [TestMethod]
    public void A_source_is_one_line_whatever_its_folder_is_called()
    {
        using var tree = new Tree();
        tree.Add("a\nb/a.md", Page("Zebra")).Add("zoo/b.md", Page("Book"));

        tree.Extract(o => o with { SourceNamesPath = tree.SourceNames });
        CollectionAssert.AreEqual(new[] { "a b", "zoo" }, File.ReadAllLines(tree.SourceNames));

        tree.Extract(o => o with { Folders = [Path.Combine(tree.Root, "a\nb"), Path.Combine(tree.Root, "zoo")], SourceNamesPath = tree.SourceNames });
        CollectionAssert.AreEqual(new[] { "a b", "zoo" }, File.ReadAllLines(tree.SourceNames));
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_file_whatever_the_threads_and_sources_stay_with_their_pairs()
    {
        using var tree = new Tree();
        for (var i = 0; i < 600; i++)
        {
            tree.Add($"source{i}/page.md", Page($"Number{i}"));
        }

        var sorted = tree.Extract();
        var one = tree.Extract(o => o with { Seed = 5, Threads = 1 });
        var four = tree.Extract(o => o with { Seed = 5, Threads = 4, SourceNamesPath = tree.SourceNames });
        var other = tree.Extract(o => o with { Seed = 6 });

        CollectionAssert.AreEqual(one, four);
        CollectionAssert.AreNotEqual(one, other);
        CollectionAssert.AreNotEqual(one, sorted);
        CollectionAssert.AreEquivalent(one, sorted);
        CollectionAssert.AreEqual(one, File.ReadAllLines(tree.SourceNames).Select(s => Pair(s.Replace("source", "Number", StringComparison.Ordinal))).ToArray());
    }

    [TestMethod]
    public void A_name_ending_in_gz_makes_gzip_that_the_build_reads()
    {
        using var tree = new Tree();
        tree.Add("a.md", Page("Zebra"));
        var output = tree.Output + ".gz";

        new CorpusExtractor(new ExtractOptions([tree.Root], output)).Extract();

        using (var gzip = new GZipStream(File.OpenRead(output), CompressionMode.Decompress))
        using (var text = new StreamReader(gzip, Encoding.UTF8))
        {
            Assert.AreEqual("Zebra\tThe page about Zebra has this sentence.\n", text.ReadToEnd());
        }

        Assert.AreEqual("Zebra", new PairsFile(output).ReadChunks().Single().Pairs.Single().Anchor);
        Assert.AreEqual(1, Directory.GetFiles(Path.GetDirectoryName(output)!).Length, "Temporary files were left behind.");
    }

    [TestMethod]
    public void Duplicates_and_text_repeated_in_many_files_are_left_out()
    {
        using var tree = new Tree();
        for (var i = 0; i < 4; i++)
        {
            var own = (char)('A' + i);
            tree.Add($"{i}.md", $"# Page {own}{own}{own}\n\nThis sentence stands on every page of the manual.\n\n## Mine\n\nOnly page {own} says this in its own words.\n");
        }

        tree.Add("copy.md", "# Mine\n\nOnly page A says this in its own words.\n");

        var pairs = tree.Extract();

        CollectionAssert.AreEqual("ABCD".Select(c => $"Mine → Only page {c} says this in its own words.").ToArray(), pairs);
        Assert.AreEqual(4, tree.Summary.PairsSkipped["boilerplate"]);
        Assert.AreEqual(1, tree.Summary.PairsSkipped["duplicate"]);
        Assert.AreEqual(8, tree.Extract(o => o with { BoilerplateFiles = 0 }).Length);
    }

    [TestMethod]
    public void Text_repeated_in_one_file_is_no_boilerplate_and_rows_never_are()
    {
        using var tree = new Tree();
        tree.Add("a.md", string.Concat("ABCDEF".Select(c => $"## Heading {c}{c}{c}\n\nThe same sentence below every heading.\n\n")));
        for (var i = 0; i < 5; i++)
        {
            tree.Add($"{i}.csv", $"Question number {i},The same answer in all the files\n");
        }

        Assert.AreEqual(11, tree.Extract(o => o with { CsvColumns = CsvColumns.Parse("1,2") }).Length);
    }

    [TestMethod]
    public void Texts_out_of_bounds_are_skipped_with_a_reason_and_long_ones_cut_after_a_sentence()
    {
        using var tree = new Tree();
        tree.Add("a.md", $"""
            # Ok

            ## It

            This is a text with a short anchor.

            ## {new string('x', 201)}

            This is a text with a long anchor.

            ## Short

            Too short.

            ## Numbers

            1 2 3 4 5 6 7 8 9 10 11 12 + 13 = 25 x

            ## Long

            A first sentence of some length. {string.Concat(Enumerable.Repeat("word ", 300))}

            ## Sentences

            {string.Concat(Enumerable.Repeat("A sentence of some length. ", 300))}
            """);

        var pairs = tree.Extract();

        Assert.AreEqual(2, pairs.Length, string.Join('\n', pairs));
        Assert.IsTrue(pairs[0].Length is > 900 and <= 1010 && pairs[0].EndsWith(" word", StringComparison.Ordinal), pairs[0]);
        Assert.IsTrue(pairs[1].Length is > 900 and <= 1012 && pairs[1].EndsWith("length.", StringComparison.Ordinal), pairs[1]);
        foreach (var reason in new[] { "long anchor", "short positive", "hardly any letters" })
        {
            Assert.AreEqual(1, tree.Summary.PairsSkipped[reason], reason);
        }
    }

    [TestMethod]
    public void Binary_large_and_foreign_files_links_and_hidden_folders_are_skipped_and_counted()
    {
        using var tree = new Tree();
        using var outside = new Harness.TemporaryFolder();
        File.WriteAllText(outside.File("secret.md"), Page("Secret"));
        tree.Add("a.md", Page("Zebra")).Add("b.md", [(byte)'#', (byte)' ', 0, 1, 2]).Add("c.md", "# Big\n\n" + new string('x', 3000)).Add("d.png", [1, 2]);
        tree.Add(".git/e.md", Page("Hidden")).Add("f.csv", [(byte)'a', 0, 0, 0]);
        Directory.CreateSymbolicLink(Path.Combine(tree.Root, "out"), outside.Path);
        File.CreateSymbolicLink(Path.Combine(tree.Root, "link.md"), outside.File("secret.md"));
        Directory.CreateSymbolicLink(Path.Combine(tree.Root, "loop"), tree.Root);

        var pairs = tree.Extract(o => o with { MaximumFileBytes = 2000, CsvColumns = CsvColumns.Parse("1,2") });

        CollectionAssert.AreEqual(new[] { Pair("Zebra") }, pairs);
        Assert.AreEqual(3, tree.Summary.FilesSkipped["a link"]);
        Assert.AreEqual(2, tree.Summary.FilesSkipped["binary"]);
        Assert.AreEqual(1, tree.Summary.FilesSkipped["too large"]);
        Assert.AreEqual(1, tree.Summary.FilesSkipped["another kind of file"]);
        Assert.AreEqual(1, tree.Summary.FilesSkipped["a hidden folder or node_modules"]);
    }

    [TestMethod]
    public void Text_in_another_encoding_is_read_and_broken_characters_vanish()
    {
        using var tree = new Tree();
        const string Text = "# Größe\n\nDie Größe der Tür übertrifft alles Übliche.\n";
        tree.Add("a.md", [.. Encoding.UTF8.GetBytes("# Äpfel\n\nÄpfel sind gr"), 0xFF, .. Encoding.UTF8.GetBytes("ößer als Kirschen und süß.\n")]);
        tree.Add("latin.md", Encoding.Latin1.GetBytes(Text.Replace("Größe", "Größe1", StringComparison.Ordinal)));
        tree.Add("utf16.md", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Text)]);
        tree.Add("utf8.md", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes("---\ntitle: Zahl\n---\n\nA zero\u200B width space and\ta\u00A0tab.\n")]);

        CollectionAssert.AreEqual(
            new[]
            {
                "Äpfel → Äpfel sind größer als Kirschen und süß.",
                "Größe1 → Die Größe1 der Tür übertrifft alles Übliche.",
                "Größe → Die Größe der Tür übertrifft alles Übliche.",
                "Zahl → A zero width space and a tab.",
            },
            tree.Extract());
    }

    [TestMethod]
    public void Nothing_found_is_an_error_and_an_older_output_stays()
    {
        using var tree = new Tree();
        tree.Add("a.txt", "not read");
        File.WriteAllText(tree.Output, "older");

        Assert.ThrowsExactly<InvalidDataException>(() => tree.Extract());
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => tree.Extract(o => o with { Folders = [tree.Root + "-none"] }));
        Assert.AreEqual("older", File.ReadAllText(tree.Output));
    }

    private static string Page(string title) => $"# {title}\n\nThe page about {title} has this sentence.\n";

    private static string Pair(string title) => $"{title} → The page about {title} has this sentence.";
}
