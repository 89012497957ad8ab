using System.IO.Compression;
using System.Text;

namespace Sutra.Tests.Models.Train;

/// <summary>A few thousand pairs about invented things, always the same.</summary>
internal static class SmallCorpus
{
    private static readonly string[] Things = ["river", "engine", "castle", "garden", "compiler", "violin", "glacier", "market", "lantern", "harbour"];
    private static readonly string[] Doings = ["flows", "breaks", "stands", "grows", "translates", "sings", "melts", "opens", "shines", "freezes"];
    private static readonly string[] Places = ["in the north", "near the sea", "under the hill", "at dawn", "in version 8", "behind the wall"];

    public static void Write(string path, int pairs = 3000)
    {
        Stream stream = File.Create(path);
        if (path.EndsWith(".gz", StringComparison.Ordinal))
        {
            stream = new GZipStream(stream, CompressionLevel.Fastest);
        }

        using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\n" };
        for (var i = 0; i < pairs; i++)
        {
            var (thing, doing, place) = (Things[i % 10], Doings[i / 10 % 10], Places[i / 100 % 6]);
            writer.WriteLine($"The {thing} {doing}\tA {thing}-like thing {doing} {place}; number {i} of the {thing}s.");
        }
    }
}
