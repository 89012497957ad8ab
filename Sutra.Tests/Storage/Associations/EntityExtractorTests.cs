using System.Text;
using Sutra.Storage.Associations;
using Sutra.Storage.Associations.Extraction;
using Sutra.Storage.Concepts;
using Sutra.Tests.Storage.Engine;

namespace Sutra.Tests.Storage.Associations;

[TestClass]
public sealed class EntityExtractorTests
{
    [TestMethod]
    [DataRow("Then Angela Merkel met him.", "n:angela merkel", DisplayName = "capitalised words in a row are one name")]
    [DataRow("Yesterday it rained. Today it does not.", "", DisplayName = "a capital that begins a sentence says nothing")]
    [DataRow("He said: \"Nothing.\" Nothing else.", "", DisplayName = "nor one that begins what is quoted")]
    [DataRow("Angela Merkel spoke.", "n:angela merkel", DisplayName = "two capitals at the start of a sentence do")]
    [DataRow("The Hague is in the Netherlands.", "n:hague|n:netherlands", DisplayName = "a word that begins sentences is not part of a name")]
    [DataRow("In Paris we met.", "n:paris", DisplayName = "what follows such a word is not explained by the sentence")]
    [DataRow("# Heading\n- Apples\n- ask Bob\nCarol", "n:bob", DisplayName = "lines begin sentences")]
    [DataRow("the Bank of England and the Bank", "n:bank of england|n:bank", DisplayName = "short words inside of names")]
    [DataRow("by Ludwig van Beethoven, Bonn", "n:ludwig van beethoven|n:bonn", DisplayName = "a comma ends a name")]
    [DataRow("with Dr. J. Smith and O'Neil's dog", "n:dr. j. smith|n:oneil", DisplayName = "titles, initials, genitives")]
    [DataRow("my iPhone from YouTube", "n:iphone|n:youtube", DisplayName = "capitals inside of words")]
    [DataRow("Shares of NASDAQ:AAPL ($MSFT) rose, IBM's fell", "n:nasdaq|n:aapl|n:msft|n:ibm", DisplayName = "tickers and acronyms")]
    [DataRow("the U.S. army uses B2B and Q3", "n:us|n:b2b|n:q3", DisplayName = "acronyms with dots and digits")]
    [DataRow("READ THIS VERY CAREFULLY NOW", "", DisplayName = "shouting names nothing")]
    [DataRow("at the UNITED NATIONS and the United Nations, WARNING, he said", "n:united nations", DisplayName = "long words in capitals")]
    [DataRow("NATO Secretary General said", "n:nato|n:secretary general", DisplayName = "an acronym stands alone")]
    [DataRow("fixed ABC-123, CVE-2024-1234 and X-1", "i:abc-123|i:cve-2024-1234|i:x-1", DisplayName = "identifiers")]
    [DataRow("on 2024-01-05, 2024/1/5 and 05.01.2024", "d:2024-01-05", DisplayName = "dates in digits are one date")]
    [DataRow("at 2024-01-05T10:30:00Z", "d:2024-01-05", DisplayName = "a time after a date")]
    [DataRow("13/01/2024 or 01/14/2024 or 03/04/2024", "d:2024-01-13|d:2024-01-14|d:03/04/2024", DisplayName = "which is the month shows, or it stays as written")]
    [DataRow("5 January 2024, January 5, 2024, Jan. 5th 2024", "d:2024-01-05", DisplayName = "dates in words")]
    [DataRow("am 5. Januar 2024, le 5 janvier 2024, el 5 de enero de 2024", "d:2024-01-05", DisplayName = "in several languages")]
    [DataRow("in May 2023 or on Monday", "d:2023-05", DisplayName = "a month; days and months are no names")]
    [DataRow("2024年1月5日に会った", "d:2024-01-05", DisplayName = "dates in Han characters")]
    [DataRow("2024-02-30, 2024-13-01, 99999-01-01, 1.5, 12,345, 3-4", "", DisplayName = "what is no date")]
    [DataRow("ask Max.Muster@Example.COM, or a@b", "e:max.muster@example.com", DisplayName = "e-mail addresses")]
    [DataRow("see https://www.Example.com/a/b/?q=1#top and http://example.com/a/b/?q=1, www.sutra.dev/.", "u:example.com/a/b/?q=1|u:sutra.dev", DisplayName = "pages, without scheme and fragment")]
    [DataRow("thanks @Ada_L and #OpenData #1", "h:ada_l|t:opendata", DisplayName = "handles and tags")]
    [DataRow("the Ｓｏｎｙ and the Zu\u0308rich or Zürich", "n:sony|n:zurich", DisplayName = "forms, accents and case do not count")]
    [DataRow("встреча с Анной Ахматовой в Москве", "n:анной ахматовой|n:москве", DisplayName = "any script that has capitals")]
    [DataRow("我们在北京见面", "", DisplayName = "scripts without capitals")]
    [DataRow("", "")]
    [DataRow(" . , - \n\n @ # :// www. ()", "")]
    public void What_a_text_names_is_found_and_nothing_else(string text, string expected) =>
        Assert.AreEqual(string.Join('|', expected.Split('|').Order()), string.Join('|', Extract(text).Distinct().Order()));

    [TestMethod]
    public void Values_of_metadata_are_entities_of_their_key_unless_they_are_texts()
    {
        var record = Record("text", new Dictionary<string, string> { ["source"] = "Yahoo  Finance", ["long"] = new('x', 500), ["empty"] = "" });

        CollectionAssert.AreEqual(new[] { "m:empty=", "m:source=yahoo finance" }, Entities(record));
    }

    [TestMethod]
    public void Links_are_kept_as_they_were_learned()
    {
        Association[] links = [new(new ConceptId(7), "cites", 0.25f), new(new ConceptId(ulong.MaxValue), new string('ü', 32), 1), new(new ConceptId(7), "x", 0)];
        var found = new List<Association>();
        var reader = new AssociationReader(Record("Only text", links: links));
        while (reader.TryReadLink(out var link))
        {
            found.Add(new Association(link.Target, link.Type, link.Weight));
        }

        CollectionAssert.AreEqual(links, found);
    }

    [TestMethod]
    public void A_concept_has_64_entities_at_most_and_no_term_is_longer_than_an_index_takes()
    {
        var text = new StringBuilder("some");
        for (var i = 0; i < 100; i++)
        {
            text.Append($" https://example.com/{new string('é', 20 + i)}/{i},");
        }

        var record = Record(text.ToString());
        var entities = Entities(record);
        Assert.HasCount(64, entities);
        Assert.HasCount(64, entities.Distinct().ToList());
        Assert.AreEqual(64, AssociationRecord.Entities(record));
        Assert.IsTrue(entities.TrueForAll(entity => Encoding.UTF8.GetByteCount(entity) - 1 <= 128));
        CollectionAssert.AreEqual(entities, Entities(Record(text.ToString())), "and the same ones each time");
    }

    [TestMethod]
    public void Any_text_can_be_looked_through()
    {
        var random = new Random(3);
        var parts = new[] { "A", "b", " ", "\n", ".", "@", "#", "://", "www.", "-", "'", "5", "2024", "/", "年", "Jan", "de", "É", "\ud83d\ude00", "\ufdfa", "\u0301", "&", "$", "(", ":" };
        for (var i = 0; i < 4000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => parts[random.Next(parts.Length)]));
            var entities = Extract(text);
            Assert.IsTrue(entities.TrueForAll(entity => entity.Length > 2), text);
        }

        var bytes = new byte[200];
        for (var i = 0; i < 2000; i++)
        {
            random.NextBytes(bytes);
            EntityExtractor.Extract(bytes.AsSpan(0, random.Next(bytes.Length)), new EntityCollector());
        }
    }

    private static List<string> Extract(string text)
    {
        var collector = new EntityCollector();
        EntityExtractor.Extract(Encoding.UTF8.GetBytes(text), collector);
        return Read(collector.Terms);
    }

    private static byte[] Record(string content, Dictionary<string, string>? metadata = null, params Association[] links) =>
        AssociationRecord.Of(ConceptRecord.WriteLearn(EngineHarness.Concept(content, metadata: metadata, associations: links), DateTimeOffset.UnixEpoch));

    private static List<string> Entities(byte[] record) => Read(new AssociationReader(record).EntityBytes);

    private static List<string> Read(ReadOnlySpan<byte> terms)
    {
        var entities = new List<string>();
        for (; !terms.IsEmpty; terms = terms[(terms[0] + 1)..])
        {
            entities.Add($"{(char)terms[1]}:{Encoding.UTF8.GetString(terms.Slice(2, terms[0] - 1))}");
        }

        return entities;
    }
}
