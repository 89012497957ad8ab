using System.Text;
using Sutra.Models.Train.Extraction;

namespace Sutra.Tests.Models.Train.Extraction;

[TestClass]
public sealed class CsvExtractionTests
{
    [TestMethod]
    [DataRow(',')]
    [DataRow(';')]
    [DataRow('\t')]
    [DataRow('|')]
    public void Columns_are_found_by_name_whatever_separates_them(char separator)
    {
        using var tree = new Tree();
        string[] rows = ["id,Question , ANSWER", "1,\"What, then; is | it?\",\"The answer, \"\"so to say\"\";\nin two lines\"", "2,Why?,Because nobody said otherwise"];
        tree.Add("faq.csv", string.Join("\r\n", rows.Select(r => Separate(r, separator))));

        var pairs = tree.Extract(o => o with { CsvColumns = CsvColumns.Parse("question, answer") });

        CollectionAssert.AreEqual(
            new[] { "What, then; is | it? → The answer, \"so to say\"; in two lines", "Why? → Because nobody said otherwise" }, pairs);
    }

    [TestMethod]
    public void Columns_by_number_need_no_header()
    {
        using var tree = new Tree();
        tree.Add("faq.tsv", "1\tWhy is it, so?\tBecause nobody said otherwise\n2\tshort row\n");

        var pairs = tree.Extract(o => o with { CsvColumns = CsvColumns.Parse("2,3") });

        CollectionAssert.AreEqual(new[] { "Why is it, so? → Because nobody said otherwise" }, pairs);
        Assert.AreEqual(1, tree.Summary.PairsSkipped["short positive"]);
    }

    [TestMethod]
    public void Files_without_the_columns_are_skipped_and_counted()
    {
        using var tree = new Tree();
        tree.Add("a.csv", "q,a\nWhy is it so?,Because nobody said otherwise\n").Add("b.csv", "x,y\n1,2\n");

        var pairs = tree.Extract(o => o with { CsvColumns = CsvColumns.Parse("q,a") });

        Assert.AreEqual(1, pairs.Length);
        Assert.AreEqual(1, tree.Summary.FilesSkipped["CSV without the columns"]);
    }

    [TestMethod]
    public void Without_columns_CSV_files_are_skipped_and_counted()
    {
        using var tree = new Tree();
        tree.Add("a.csv", "q,a\nWhy is it so?,Because nobody said otherwise\n").Add("a.md", "# Oil\n\nOil the axle of the wheel once a year.\n");

        Assert.AreEqual(1, tree.Extract().Length);
        Assert.AreEqual(1, tree.Summary.FilesSkipped["CSV, and no columns were named"]);
    }

    [TestMethod]
    public void Another_encoding_is_found_as_it_is_for_pages()
    {
        using var tree = new Tree();
        const string Rows = "q,a\nWie groß ist die Tür?,Größer als alle übrigen Türen\n";
        var plain = string.Concat(Enumerable.Range(0, 1000).Select(i => $"short {i},x\n"));
        tree.Add("a.csv", Encoding.Latin1.GetBytes(Rows.Insert(4, plain)));
        tree.Add("b.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Rows.Replace("Wie", "Und wie", StringComparison.Ordinal))]);
        tree.Add("c.csv", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Rows.Replace("Wie", "Aber wie", StringComparison.Ordinal))]);
        tree.Add("d.csv", [.. Encoding.UTF8.GetBytes(Rows.Replace("Wie", "Ob", StringComparison.Ordinal)), 0xFF]);

        var pairs = tree.Extract(o => o with { CsvColumns = CsvColumns.Parse("q,a") });

        CollectionAssert.AreEqual(
            new[] { "Wie", "Und wie", "Aber wie", "Ob" }.Select(w => $"{w} groß ist die Tür? → Größer als alle übrigen Türen").ToArray(), pairs);
    }

    [TestMethod]
    public void An_unclosed_quote_costs_the_rest_of_its_file_only()
    {
        using var tree = new Tree();
        var rest = string.Concat(Enumerable.Repeat("\nWhy,\"\"Because nobody said otherwise\"\"", 300_000));
        tree.Add("a.csv", "q,a\nWhy is it so?,Because nobody said otherwise\nopen,\"never closed" + rest);
        tree.Add("b.csv", "q,a\nHow is it made?,By hand and with a lot of patience\n");

        var pairs = tree.Extract(o => o with { CsvColumns = CsvColumns.Parse("q,a") });

        CollectionAssert.AreEqual(new[] { "Why is it so? → Because nobody said otherwise", "How is it made? → By hand and with a lot of patience" }, pairs);
        Assert.AreEqual(1, tree.Summary.FilesSkipped["damaged CSV, read up to the damage"]);
    }

    [TestMethod]
    [DataRow("one")]
    [DataRow("a,b,c")]
    [DataRow("a,2")]
    [DataRow("0,1")]
    public void Anything_but_two_names_or_two_numbers_is_refused(string columns) =>
        Assert.ThrowsExactly<InvalidDataException>(() => CsvColumns.Parse(columns));

    private static string Separate(string row, char separator)
    {
        var quoted = false;
        return string.Concat(row.Select(c =>
        {
            quoted ^= c == '"';
            return c == ',' && !quoted ? separator : c;
        }));
    }
}
