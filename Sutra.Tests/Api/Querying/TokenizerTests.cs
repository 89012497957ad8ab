using Sutra.Api.Querying;

namespace Sutra.Tests.Api.Querying;

[TestClass]
public sealed class TokenizerTests
{
    [TestMethod]
    [DataRow("on 2025-03-14", "2025-03-14")]
    [DataRow("on 2025/03/14.", "2025-03-14")]
    [DataRow("on 14 March 2025", "2025-03-14")]
    [DataRow("on 14th of March 2025?", "2025-03-14")]
    [DataRow("on March 14, 2025", "2025-03-14")]
    [DataRow("on March 14th, 2025", "2025-03-14")]
    [DataRow("on Friday, 14 Mar 2025", "fridai 2025-03-14")]
    [DataRow("in March 2025", "2025-03")]
    [DataRow("in 2025", "2025")]
    [DataRow("on 30 February 2025", "30 2025-02")]
    [DataRow("in March 12.5 percent", "march 12.5 percent")]
    [DataRow("between 14 March 0.75 and 1.25", "14 march 0.75 1.25")]
    [DataRow("1,204,500 shares at 84.20", "1204500 shar 84.2")]
    [DataRow("What was Brightmoor's closing price?", "brightmoor clos pric")]
    [DataRow("Café crème", "café crème")]
    [DataRow("the A320 in Q3", "a320 q3")]
    [DataRow("what is the", "")]
    public void A_question_is_read_as(string text, string terms) =>
        Assert.AreEqual(terms, string.Join(' ', Tokenizer.Question(text).Select(term => term.Text)));

    [TestMethod]
    [DataRow("close", "closed", "closing", "closes")]
    [DataRow("trade", "traded", "trading", "trades")]
    [DataRow("stop", "stopped", "stopping", "stops")]
    [DataRow("company", "companies", "company", "company")]
    [DataRow("box", "boxes", "boxed", "boxing")]
    [DataRow("open", "opened", "opening", "opens")]
    public void Forms_of_a_word_meet(string a, string b, string c, string d)
    {
        foreach (var other in new[] { b, c, d })
        {
            Assert.AreEqual(Stemmer.Stem(a), Stemmer.Stem(other), other);
        }
    }

    [TestMethod]
    [DataRow("bring", "br")]
    [DataRow("red", "r")]
    [DataRow("business", "busine")]
    [DataRow("status", "statu")]
    public void Words_are_not_cut_to_others(string word, string wrong) => Assert.AreNotEqual(wrong, Stemmer.Stem(word));

    [TestMethod]
    public void A_text_with_a_date_also_speaks_of_its_month_and_year()
    {
        var offered = Tokenizer.Offered("It closed on Friday, 14 March 2025.");
        Assert.Contains("2025-03-14", offered);
        Assert.Contains("2025-03", offered);
        Assert.Contains("2025", offered);
    }

    [TestMethod]
    public void Names_are_told_from_words_but_not_in_a_shouted_question()
    {
        Assert.AreEqual(TermKind.Name, Tokenizer.Question("what did Galewick close at").First(term => term.Text == "galewick").Kind);
        Assert.AreEqual(TermKind.Name, Tokenizer.Question("price of ALVR today").First(term => term.Text == "alvr").Kind);
        Assert.AreEqual(TermKind.Word, Tokenizer.Question("Closing price today?").First(term => term.Text == "clos").Kind);
        Assert.AreEqual(TermKind.Word, Tokenizer.Question("PRICE OF TIN").First(term => term.Text == "tin").Kind);
    }

    [TestMethod]
    public void A_term_of_two_kinds_stands_once_as_the_weightier()
    {
        CollectionAssert.AreEqual(
            new[] { new Term("appl", TermKind.Name), new Term("sell", TermKind.Word), new Term("juic", TermKind.Word) },
            Tokenizer.Question("does apple sell Apple juice?").ToArray());
        Assert.AreEqual(TermKind.Name, Tokenizer.Question("does Apple sell apple juice?")[0].Kind);
    }

    [TestMethod]
    public void Any_text_can_be_read()
    {
        const string Alphabet = "0123456789-/.,'’sS MayofthJ\ud83d\ude00é\n";
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 40)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            _ = Tokenizer.Question(text);
            _ = Tokenizer.Offered(text);
            foreach (var sentence in Sentences.Split(text))
            {
                Assert.Contains(sentence, text);
            }
        }
    }
}
