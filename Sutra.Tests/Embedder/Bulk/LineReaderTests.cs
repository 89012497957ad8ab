using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Sutra.Embedder.Bulk;

namespace Sutra.Tests.Embedder.Bulk;

[TestClass]
public sealed class LineReaderTests
{
    [TestMethod]
    [DataRow("one\ntwo\n", "one,two")]
    [DataRow("one\ntwo", "one,two")]
    [DataRow("one\n\ntwo\n", "one,,two")]
    [DataRow("0123456789x\nok\n", "!,ok")]
    [DataRow("ok\n0123456789x", "ok,!")]
    [DataRow("0123456789\n", "0123456789")]
    [DataRow("0123456789xxxxxxxxxxxxxxxxxxxxxxxxx\nok\n0123456789xxxxxxxxxxxxx\nok", "!,ok,!,ok")]
    [DataRow("", "")]
    public async Task Lines_come_one_by_one_however_the_body_is_cut(string body, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        foreach (var piece in new[] { 1, 2, 3, 7, 1000 })
        {
            var pipe = new Pipe();
            var writing = Task.Run(async () =>
            {
                for (var start = 0; start < bytes.Length; start += piece)
                {
                    await pipe.Writer.WriteAsync(bytes.AsMemory(start, Math.Min(piece, bytes.Length - start)));
                }

                await pipe.Writer.CompleteAsync();
            });
            var reader = new LineReader(pipe.Reader, 10);
            var lines = new List<string>();
            while (!reader.IsComplete)
            {
                await reader.ReadAsync(CancellationToken.None);
                while (reader.TryTake(out var line))
                {
                    lines.Add(reader.WasTooLong ? "!" : Encoding.UTF8.GetString(line));
                }
            }

            reader.Release();
            await writing;
            Assert.AreEqual(expected, string.Join(',', lines), $"in pieces of {piece}");
        }
    }
}
