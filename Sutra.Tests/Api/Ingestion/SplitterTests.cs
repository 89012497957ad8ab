using System.Text;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Parsing;
using Sutra.Api.Ingestion.Uploads;

namespace Sutra.Tests.Api.Ingestion;

[TestClass]
public sealed class SplitterTests
{
    [TestMethod]
    public void Lines_are_records_and_blank_ones_are_none() =>
        AssertRecords(JobFormat.Ndjson, "{\"a\":1}\r\n\n  \t\r\n{\"b\":2}\n\n[]", (1, "{\"a\":1}\r"), (4, "{\"b\":2}"), (6, "[]"));

    [TestMethod]
    public void Csv_records_may_hold_line_ends_commas_and_quotes() => AssertRecords(
        JobFormat.Csv,
        "content,a\r\n\"two\nlines, and a comma\",\"he said \"\"so\"\"\"\n\nplain,\"\"\r\nlast,x",
        (1, "content,a\r"),
        (2, "\"two\nlines, and a comma\",\"he said \"\"so\"\"\""),
        (5, "plain,\"\"\r"),
        (6, "last,x"));

    [TestMethod]
    public void A_csv_record_with_wrong_quotes_ends_with_its_line() => AssertRecords(
        JobFormat.Csv, "a,b\n\"x\"y,\"z\nnext,1\n", (1, "a,b"), (2, "\"x\"y,\"z"), (3, "next,1"));

    [TestMethod]
    public void Elements_of_an_array_are_records_whatever_their_strings_hold() => AssertRecords(
        JobFormat.Json,
        "\uFEFF [ {\"a\": \"] } , \\\" [\"} ,\n{\"b\":[1,{\"c\":2}]}, 7 , nonsense ,, \"x\" ]\n",
        (1, "{\"a\": \"] } , \\\" [\"} "),
        (2, "{\"b\":[1,{\"c\":2}]}"),
        (3, "7 "),
        (4, "nonsense "),
        (5, ""),
        (6, "\"x\" "));

    [TestMethod]
    [DataRow("{\"content\": \"x\"}")]
    [DataRow("[1] 2")]
    [DataRow("[1")]
    [DataRow("[\"unclosed]")]
    [DataRow("[{]}")]
    [DataRow("[1}]")]
    [DataRow("")]
    [DataRow("   ")]
    public void What_is_not_one_array_is_refused(string body) =>
        Assert.Throws<UploadException>(() => Records(JobFormat.Json, Encoding.UTF8.GetBytes(body), int.MaxValue, new RangeBuilder(10, 1000, 0)));

    [TestMethod]
    public void Empty_arrays_have_no_records() => AssertRecords(JobFormat.Json, " [ \n ] ");

    [TestMethod]
    [DataRow("Ndjson")]
    [DataRow("Csv")]
    [DataRow("Json")]
    public void Ranges_cut_again_give_the_same_records_however_the_upload_came_in(string name)
    {
        var format = Enum.Parse<JobFormat>(name);
        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(RandomUpload(format, random));
            var all = new Collected();
            Records(format, bytes, int.MaxValue, all);
            var ranges = new RangeBuilder(random.Next(1, 6), random.Next(10, 200), 0);
            Records(format, bytes, random.Next(1, 20), ranges);

            var again = new Collected();
            foreach (var range in ranges.Build())
            {
                var splitter = RecordSplitter.Of(format, range);
                var before = again.All.Count;
                splitter.Push(bytes.AsSpan((int)range.Offset, (int)range.Length), again);
                splitter.End(again);
                Assert.AreEqual(range.Items, again.All.Count - before);
            }

            CollectionAssert.AreEqual(all.All, again.All, $"round {round}");
        }
    }

    [TestMethod]
    [DataRow("a,b,c", "a|b|c")]
    [DataRow("\uFEFF\"a\",,\"c \"\"d\"\"\"\r", "a||c \"d\"")]
    [DataRow("", "")]
    [DataRow("a,", "a|")]
    [DataRow("\"a\"b", null)]
    [DataRow("\"a", null)]
    public void Fields_are_unquoted(string record, string? fields)
    {
        var parsed = CsvFields.Parse(Encoding.UTF8.GetBytes(record));
        Assert.AreEqual(fields, parsed is null ? null : string.Join('|', parsed));
    }

    private static string RandomUpload(JobFormat format, Random random)
    {
        var records = Enumerable.Range(0, random.Next(1, 30)).Select(i => format switch
        {
            JobFormat.Csv => $"{i},\"{new string('x', random.Next(9))}{(random.Next(3) == 0 ? "\n" : "")}{(random.Next(3) == 0 ? "\"\"" : "")},\",y",
            JobFormat.Json => $"{{\"a\": [\"{new string(']', random.Next(4))}\\\"\", {i}]}}{(random.Next(2) == 0 ? " " : "")}",
            _ => $"{{\"a\": \"{new string('x', random.Next(30))}\"}}{(random.Next(4) == 0 ? "\n" : "")}",
        });
        return format == JobFormat.Json ? $"[{string.Join(",\n", records)}]" : string.Join(random.Next(2) == 0 ? "\n" : "\r\n", records) + "\n";
    }

    private static void AssertRecords(JobFormat format, string upload, params (long Line, string Text)[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(upload);
        foreach (var piece in new[] { 1, 2, 3, 5, int.MaxValue })
        {
            var sink = new Collected();
            Records(format, bytes, piece, sink);
            CollectionAssert.AreEqual(
                expected,
                sink.All.Select(place => (place.Line, Encoding.UTF8.GetString(bytes.AsSpan((int)place.Offset, (int)place.Length)))).ToArray(),
                $"in pieces of {piece}");
        }
    }

    private static void Records(JobFormat format, byte[] bytes, int piece, IRecordSink sink)
    {
        var splitter = RecordSplitter.Of(format, range: null);
        for (var at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length - at))
        {
            splitter.Push(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)), sink);
        }

        splitter.End(sink);
    }

    private sealed class Collected : IRecordSink
    {
        public List<RecordPlace> All { get; } = [];

        public void Add(RecordPlace record) => All.Add(record);
    }
}
