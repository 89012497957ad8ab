using System.Text;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Tests.Storage.Lexical;

[TestClass]
public sealed class TextAnalyzerTests
{
    [TestMethod]
    [DataRow("The A-320's wings", "the a 320 +a320 s wings")]
    [DataRow("v1.2.3, foo_bar", "v1 2 3 +v1.2.3 foo bar +foo_bar")]
    [DataRow("mail a.b-c@example.com now", "mail a b c example com +a.bc@example.com now")]
    [DataRow("3,141.59 at 10:30", "3 141 59 +3,141.59 at 10 30 +10:30")]
    [DataRow("AT&T, C# and C++ or F#m", "at t +at&t c +c# and c +c++ or f m")]
    [DataRow("end. Next, (last) - one -", "end next last one")]
    [DataRow("O'Brien can’t", "obrien cant")]
    [DataRow("MÜLLER Straße naïve ﬁne E=mc² ½", "muller strasse naive fine e mc2 1 2")]
    [DataRow("Ὀδυσσεύς Ёлка йод İstanbul Ångström", "οδυσσευσ елка йод istanbul angstrom")]
    [DataRow("e\u0301te\u0301 is été", "ete is ete")]
    [DataRow("שָׁלוֹם كِتَابٌ أحمد ٣٤ ४२", "שלום كتاب احمد 34 42")]
    [DataRow("東京都に行く", "東 京 +東京 都 +京都 +都に 行 に行 +行く")]
    [DataRow("ビール 犬 서울에서", "ビー ール 犬 서울 울에 에서")]
    [DataRow("\u1112\u1161\u11AB한", "한한")]
    [DataRow("ภาษาไทย", "ภา าษ ษา าไ ไท ทย")]
    [DataRow("👍🏽 🇩🇪 € §", "👍🏽 🇩🇪")]
    [DataRow("", "")]
    [DataRow("\uD800 \uDC00x", "x")]
    public void Text_becomes_terms(string text, string terms) => Assert.AreEqual(terms, Terms(text, TextLanguage.None));

    [TestMethod]
    [DataRow("English", "cars caresses ponies ties cats pass", "car caress poni tie cat pass")]
    [DataRow("English", "indexing indexed indexes index", "index index index index")]
    [DataRow("English", "changing changed changes change", "chang chang chang chang")]
    [DataRow("English", "hopping hoped agreed feed bled sing king's", "hop hope agre feed bled sing king")]
    [DataRow("English", "universe university news is", "univers universiti new is")]
    [DataRow("German", "Häuser Haus Kindern Kinder Müller Mueller schönsten", "haus haus kind kind mull mull schon")]
    [DataRow("French", "l'homme hommes chevaux cheval qu’elles développement développer maisons", "homm homm cheval cheval ell develop develop maison")]
    [DataRow("Spanish", "casas casa luces luz meses mes niños", "cas casa luz luz mes mes nin")]
    [DataRow("Italian", "dell'amico amici libri libro larghi", "amic amic libr libr larg")]
    [DataRow("Portuguese", "ações ação animais animal bons bom flores flor", "aca aca animal animal bom bom flor flor")]
    [DataRow("Dutch", "huizen huis manen maan brieven brief mogelijkheden mogelijkheid katten kat", "huis huis man man brief brief mogelijkheid mogelijkheid kat kat")]
    public void Endings_are_removed_by_language(string language, string text, string terms) => Assert.AreEqual(terms, Terms(text, Enum.Parse<TextLanguage>(language)));

    [TestMethod]
    public void Long_words_are_cut_between_characters()
    {
        Assert.AreEqual(new string('a', TextAnalyzer.MaxTermBytes - 3), Terms(new string('a', 1_000_000), TextLanguage.None));
        var term = Terms(new string('ж', 10_000), TextLanguage.None);
        Assert.IsTrue(term.All(c => c == 'ж') && Encoding.UTF8.GetByteCount(term) <= TextAnalyzer.MaxTermBytes);
    }

    [TestMethod]
    public void Any_text_gives_terms_of_valid_UTF8_in_all_languages_and_the_same_from_UTF8()
    {
        var random = new Random(3);
        for (var run = 0; run < 3000; run++)
        {
            var text = AnyText.Next(random);
            var language = (TextLanguage)(run % 8);
            var terms = Terms(text, language);
            Assert.IsFalse(terms.Contains('\uFFFD'), "a term is not UTF-8");
            var sink = new Collect([]);
            TextAnalyzer.Analyze(Encoding.UTF8.GetBytes(text), language, ref sink);
            Assert.AreEqual(terms, string.Join(' ', sink.Terms));
        }
    }

    [TestMethod]
    public void Text_that_is_analysed_again_changes_nothing()
    {
        var text = string.Join(' ', Enumerable.Range(0, 500).Select(i => $"Wörter und words {i}, a-{i}"));
        Assert.AreEqual(Terms(text, TextLanguage.None), Terms(text.Normalize(NormalizationForm.FormD), TextLanguage.None));
        Assert.AreEqual(Terms(text, TextLanguage.None), Terms(text.ToUpperInvariant(), TextLanguage.None));
    }

    [TestMethod]
    public void Nothing_is_allocated_per_word()
    {
        var text = string.Concat(Enumerable.Repeat("The horses of A-320, naïve 東京都 and can't. ", 2000));
        var sink = new Count();
        TextAnalyzer.Analyze(text, TextLanguage.English, ref sink);
        var before = GC.GetAllocatedBytesForCurrentThread();
        TextAnalyzer.Analyze(text, TextLanguage.English, ref sink);
        Assert.IsLessThan(1000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Terms(string text, TextLanguage language)
    {
        var sink = new Collect([]);
        TextAnalyzer.Analyze(text, language, ref sink);
        return string.Join(' ', sink.Terms);
    }

    private readonly struct Collect(List<string> terms) : ITermSink
    {
        public List<string> Terms => terms;

        public void Add(ReadOnlySpan<byte> utf8, bool extra)
        {
            Assert.IsTrue(utf8.Length is > 0 and <= TextAnalyzer.MaxTermBytes);
            terms.Add((extra ? "+" : "") + Encoding.UTF8.GetString(utf8));
        }
    }

    private struct Count : ITermSink
    {
        public int Terms { get; private set; }

        public void Add(ReadOnlySpan<byte> utf8, bool extra) => Terms++;
    }
}
