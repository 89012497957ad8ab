using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Lexical;

namespace Sutra.Tests.Storage.Associations;

[TestClass]
public sealed unsafe class AssociationImageTests
{
    private static readonly string[] s_names = ["Ada", "Bob", "Carol", "Dan", "Eve", "Frank", "Grace", "Heidi", "Ivan", "Judy"];

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Images_made_of_images_in_any_order_are_those_of_their_rows(int seed)
    {
        var random = new Random(seed);
        var records = Records(random, 400);
        var images = new List<(ImageMemory Memory, List<byte[]?> Rows)>();
        for (var from = 0; from < records.Count; from += 100)
        {
            var rows = records.GetRange(from, 100);
            images.Add((Image(rows), [.. rows]));
        }

        // Again and again, until there is one; some rows are gone each time.
        while (images.Count > 1)
        {
            var (first, second) = (images[0], images[1]);
            images.RemoveRange(0, 2);
            images.Add(Merge(random, first, second));
            first.Memory.Dispose();
            second.Memory.Dispose();
        }

        var (memory, expected) = images[0];
        using (memory)
        {
            using var image = AssociationImage.Open(memory.Image, memory.Length);
            AssertSame(expected, image);
            CollectionAssert.AreEqual(Write(Part(expected.ConvertAll(record => record ?? [0, 0])), null, expected.Count), memory.Bytes.ToArray(), "and byte by byte");
        }
    }

    [TestMethod]
    public void Damaged_bytes_are_refused_or_lead_nowhere_and_are_never_read_beyond()
    {
        var random = new Random(4);
        var records = Records(random, 120);
        using var memory = Image(records);
        var original = memory.Bytes.ToArray();
        var (refused, found) = (0, 0);
        for (var sample = 0; sample < 3000; sample++)
        {
            original.CopyTo(memory.Bytes);
            for (var change = random.Next(3); change >= 0; change--)
            {
                memory.Bytes[sample < 200 ? sample % 64 : random.Next(original.Length)] = (byte)random.Next(256);
            }

            var length = random.Next(8) == 0 ? random.Next(original.Length) : original.Length;
            try
            {
                using var image = AssociationImage.Open(memory.Image + (original.Length - length) / 64 * 64 * random.Next(2), length);
                for (var row = 0; row < image.Rows; row++)
                {
                    try
                    {
                        for (var reader = new AssociationReader(image.Record(row)); reader.TryReadEntity(out _) || reader.TryReadLink(out _);)
                        {
                            found++;
                        }
                    }
                    catch (InvalidDataException)
                    {
                        refused++;
                    }
                }

                AssociationVerification.CheckTerms(image);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(1000, refused);
        Assert.IsGreaterThan(1000, found);
    }

    [TestMethod]
    public void A_check_notices_associations_that_are_not_those_of_what_is_said()
    {
        var link = new Association(new ConceptId(7), "cites", 0.5f);
        var (said, unlinked, unnamed) = (Payload("said Ada", link), Payload("said Ada"), Payload("said nobody", link));
        var part = Part([AssociationRecord.Of(said)]);

        AssociationVerification.CheckRecord(part, 0, said);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => AssociationVerification.CheckRecord(part, 0, unlinked)).Message, "links");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => AssociationVerification.CheckRecord(part, 0, unnamed)).Message, "entities");
        using var memory = new ImageMemory(Write(part, null, 1));
        var at = memory.Bytes.IndexOf("nada"u8);
        memory.Bytes[at + 3] = (byte)'b';
        using var image = AssociationImage.Open(memory.Image, memory.Length);
        Assert.ThrowsExactly<InvalidDataException>(() => AssociationVerification.CheckTerms(image));
    }

    [TestMethod]
    public void A_map_that_names_a_row_twice_or_none_that_is_there_is_refused()
    {
        var part = Part(Records(new Random(5), 3));
        Assert.ThrowsExactly<ArgumentException>(() => Write(part, [0, 0, 1], 2));
        Assert.ThrowsExactly<ArgumentException>(() => Write(part, [0, 1, 2], 2));
        Assert.ThrowsExactly<ArgumentException>(() => Write(part, [0, 1], 2));
    }

    private static (ImageMemory Memory, List<byte[]?> Rows) Merge(Random random, (ImageMemory Memory, List<byte[]?> Rows) first, (ImageMemory Memory, List<byte[]?> Rows) second)
    {
        var kept = first.Rows.Concat(second.Rows).Select((record, i) => (Record: record, Old: i)).Where(_ => random.Next(5) > 0).ToArray();
        random.Shuffle(kept);
        var map = new int[first.Rows.Count + second.Rows.Count];
        Array.Fill(map, -1);
        for (var row = 0; row < kept.Length; row++)
        {
            map[kept[row].Old] = row;
        }

        using var left = AssociationImage.Open(first.Memory.Image, first.Memory.Length);
        using var right = AssociationImage.Open(second.Memory.Image, second.Memory.Length);
        using var output = new MemoryStream();
        AssociationImageWriter.Write(output, kept.Length, new AssociationSource(left, map[..first.Rows.Count]), new AssociationSource(right, map[first.Rows.Count..]));
        return (new ImageMemory(output.ToArray()), [.. kept.Select(pair => pair.Record)]);
    }

    private static void AssertSame(List<byte[]?> expected, AssociationImage image)
    {
        AssociationVerification.CheckTerms(image);
        Assert.AreEqual(expected.Count, image.Rows);
        for (var row = 0; row < expected.Count; row++)
        {
            Assert.IsTrue(image.Record(row).SequenceEqual(expected[row]), $"row {row}");
        }

        foreach (var name in s_names)
        {
            byte[] term = [(byte)'n', .. System.Text.Encoding.UTF8.GetBytes(name.ToLowerInvariant())];
            Assert.AreEqual(expected.Count(record => record.AsSpan().IndexOf(term) >= 0), image.Terms.DocumentFrequency(term), name);
        }
    }

    private static List<byte[]> Records(Random random, int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var content = $"row {i} " + string.Join(", ", Enumerable.Range(0, random.Next(4)).Select(_ => s_names[random.Next(s_names.Length)]));
        Association[] links = [.. Enumerable.Range(0, random.Next(3)).Select(_ => new Association(new ConceptId((ulong)random.Next(20)), "type " + random.Next(3), random.NextSingle()))];
        return AssociationRecord.Of(Payload(content, links));
    })];

    private static byte[] Payload(string content, params Association[] links) =>
        ConceptRecord.WriteLearn(EngineHarness.Concept(content, associations: links), DateTimeOffset.UnixEpoch);

    private static ImageMemory Image(List<byte[]> records) => new(Write(Part(records), null, records.Count));

    private static byte[] Write(AssociationPart part, int[]? map, int rows)
    {
        using var output = new MemoryStream();
        AssociationImageWriter.Write(output, rows, new AssociationSource(part, map));
        return output.ToArray();
    }

    private static MemoryAssociations Part(List<byte[]> records)
    {
        var index = new MutableLexicalIndex(TextLanguage.English);
        for (var row = 0; row < records.Count; row++)
        {
            AssociationRecord.AddTerms(records[row], row, index);
        }

        return new MemoryAssociations(index.Snapshot(), [.. records.Select(record => new StoredConcept(new byte[64], "") { Associations = record })]);
    }
}
