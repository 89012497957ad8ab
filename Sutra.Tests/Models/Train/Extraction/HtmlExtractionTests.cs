namespace Sutra.Tests.Models.Train.Extraction;

[TestClass]
public sealed class HtmlExtractionTests
{
    [TestMethod]
    public void The_title_is_paired_with_the_description_and_the_lead()
    {
        var pairs = Tree.Html("""
            <html><head><title>Cats | Zoo</title><meta name="Description" content="All about the cats of our zoo"></head>
            <body><h1>Cats</h1><p>Cats sleep <b>most</b> of the day.<br>At night they hunt.</p></body></html>
            """);

        CollectionAssert.AreEqual(new[] { "Cats → All about the cats of our zoo", "Cats → Cats sleep most of the day. At night they hunt." }, pairs);
    }

    [TestMethod]
    public void A_page_without_headings_has_its_title()
    {
        var pairs = Tree.Html("<title>Tabby cats</title><p>Tabby cats have a striped or spotted coat.");

        CollectionAssert.AreEqual(new[] { "Tabby cats → Tabby cats have a striped or spotted coat." }, pairs);
    }

    [TestMethod]
    public void What_surrounds_the_text_is_left_out()
    {
        const string Noise = "This is noise that must never be in a pair.";
        var pairs = Tree.Html($"""
            <body><nav><h2>Menu</h2><p>{Noise}</p></nav><div role="banner"><p>{Noise}</p></div><script>var x = "{Noise}";</script><style>p::before</style>
            <h2>Cats</h2><p hidden>{Noise}</p><p>Cats sleep for most of the day.</p><pre>{Noise}</pre><form><p>{Noise}</p></form>
            <aside>{Noise}</aside><noscript><p>{Noise}</p></noscript><p><a href="x">{Noise}</a></p><!-- {Noise} --><footer><p>{Noise}</p></footer></body>
            """);

        CollectionAssert.AreEqual(new[] { "Cats → Cats sleep for most of the day." }, pairs);
    }

    [TestMethod]
    public void Where_a_page_marks_its_main_part_only_that_is_read()
    {
        var pairs = Tree.Html("<h2>News</h2><p>Our shop is open again on Sundays.</p><main><h2>Cats</h2><p>Cats sleep for most of the day.</p></main>");

        CollectionAssert.AreEqual(new[] { "Cats → Cats sleep for most of the day." }, pairs);
    }

    [TestMethod]
    public void Divisions_separate_words_and_a_layout_table_is_read_through()
    {
        var pairs = Tree.Html("<table><tr><td><h2>Cats</h2><div>Cats sleep for<div>most of the</div>day, or so.</div></td><td>2</td><td>3</td></tr></table>");

        CollectionAssert.AreEqual(new[] { "Cats → Cats sleep for most of the day, or so. 2 3" }, pairs);
    }

    [TestMethod]
    public void Every_term_of_a_definition_gets_it()
    {
        var pairs = Tree.Html("<dl><dt>Queen<dt>Molly:<dd>A female cat that may have kittens<div><dt>Tom</dt><dd>A male cat of any age, or nearly</dd></div></dl>");

        CollectionAssert.AreEqual(
            new[] { "Queen → A female cat that may have kittens", "Molly → A female cat that may have kittens", "Tom → A male cat of any age, or nearly" }, pairs);
    }

    [TestMethod]
    public void A_definition_list_gives_no_more_than_eight_terms_and_one_definition_of_a_group()
    {
        var terms = Enumerable.Range(1, 10).Select(i => $"Term {i}").ToArray();

        var pairs = Tree.Html($"<dl>{string.Concat(terms.Select(t => $"<dt>{t}"))}<dd>The first thing that they all mean<dd>Another thing that they all mean<dt>Tom<dd>What the next group is about</dl>");

        CollectionAssert.AreEqual(terms.Take(8).Select(t => $"{t} → The first thing that they all mean").Append("Tom → What the next group is about").ToArray(), pairs);
    }

    [TestMethod]
    [DataRow("<div/>")]
    [DataRow("<div></x>")]
    [DataRow("<div><!--</div>-->")]
    [DataRow("<div title='</div>'>")]
    [DataRow("<span><div></span>")]
    [DataRow("<li><dd>")]
    [DataRow("<svg><a>")]
    [DataRow("<template>")]
    [DataRow("<p><b id=#></p>")]
    public void A_page_that_nests_without_end_is_skipped_however_it_hides_that(string repeated)
    {
        using var tree = new Tree();
        tree.Add("deep.html", string.Concat(Enumerable.Range(0, 20_000).Select(i => repeated.Replace("#", $"{i}", StringComparison.Ordinal))) + "This text lies too deep to be read.");
        tree.Add("fine.md", "# Fine\n\nThis page is read like any other one.\n");

        CollectionAssert.AreEqual(new[] { "Fine → This page is read like any other one." }, tree.Extract());
        Assert.AreEqual(1, tree.Summary.FilesSkipped["cannot be parsed"]);
    }

    [TestMethod]
    public void Formatting_that_every_paragraph_opens_again_ends_the_page()
    {
        using var tree = new Tree();
        var open = string.Concat(Enumerable.Range(0, 400).Select(i => $"<b id={i}>"));
        tree.Add("bold.html", $"<p>{open}{string.Concat(Enumerable.Repeat("<p>Once more, in bold.", 2000))}");
        tree.Add("fine.html", "<h2>Fine</h2><p><b><i><u>Unclosed marks are common, and" + string.Concat(Enumerable.Repeat("<p>", 2000)) + "cost nothing here.");

        CollectionAssert.AreEqual(new[] { "Fine → Unclosed marks are common, and cost nothing here." }, tree.Extract());
        Assert.AreEqual(1, tree.Summary.FilesSkipped["cannot be parsed"]);
    }

    [TestMethod]
    public void Thousands_of_elements_that_close_are_read()
    {
        var pairs = Tree.Html("<h2>Icons</h2>" + string.Concat(Enumerable.Repeat("<div><svg><path d='M0'/><g/></svg><font><b></font></b></div>", 3000)) + "<p>No element of this page is deep.");

        CollectionAssert.AreEqual(new[] { "Icons → No element of this page is deep." }, pairs);
    }

    [TestMethod]
    public void Broken_and_endless_nesting_is_survived()
    {
        using var tree = new Tree();
        tree.Add("deep.html", "<h2>Deep</h2>" + string.Concat(Enumerable.Repeat("<div>", 300_000)) + "This text lies too deep to be read.");
        tree.Add("deep.md", new string('>', 20_000) + " This text lies too deep to be read.");
        tree.Add("deeper.html", "<h2>Deep</h2>" + string.Concat(Enumerable.Repeat("<div>", 450)) + "This text lies too deep to be read.");
        tree.Add("flat.html", "<h2>Flat</h2>" + string.Concat(Enumerable.Repeat("<br><p><a name='x'/><img src=x>", 2500)) + "No tag of this page is left open.");
        tree.Add("open.html", "<h2>Open</h2><p>Nothing here is <b>ever <i>closed, and <a href='x");

        CollectionAssert.AreEqual(
            new[] { "Flat → No tag of this page is left open.", "Open → Nothing here is ever closed, and", "Fine → This page is read like any other one." },
            tree.Add("z.md", "# Fine\n\nThis page is read like any other one.\n").Extract());
        Assert.AreEqual(2, tree.Summary.FilesSkipped["cannot be parsed"]);
    }
}
