namespace Sutra.Tests.Models.Train.Extraction;

[TestClass]
public sealed class MarkdownExtractionTests
{
    [TestMethod]
    public void Front_matter_gives_the_description_and_the_first_heading_the_title()
    {
        var pairs = Tree.Markdown("""
            ---
            title: "Widgets - Acme documentation"
            tags: [a, b]
            description: >-
              How widgets are made,
              sold and repaired.
            ---
            # Widgets

            A widget turns electricity into motion and back.
            """);

        CollectionAssert.AreEqual(
            new[]
            {
                "Widgets → How widgets are made, sold and repaired.",
                "Widgets → A widget turns electricity into motion and back.",
            },
            pairs);
    }

    [TestMethod]
    public void Front_matter_alone_names_a_page_without_headings()
    {
        var pairs = Tree.Markdown("---\ntitle: Lubrication\n---\nOil the axle of the wheel once a year.\n");

        CollectionAssert.AreEqual(new[] { "Lubrication → Oil the axle of the wheel once a year." }, pairs);
    }

    [TestMethod]
    public void A_mistake_in_the_front_matter_costs_no_more_than_what_comes_after_it()
    {
        var pairs = Tree.Markdown("---\ntitle: Lubrication\nbroken: {{ page.x }: [\n---\nOil the axle of the wheel once a year.\n");

        CollectionAssert.AreEqual(new[] { "Lubrication → Oil the axle of the wheel once a year." }, pairs);
    }

    [TestMethod]
    public void A_generic_heading_gets_the_nearest_heading_above_that_says_something()
    {
        var pairs = Tree.Markdown("""
            # Widgets

            ## Remarks

            Widgets get hot when they run for long.

            ## The lid

            ### Examples

            #### Step 1

            Open the lid with a small screwdriver.
            """);

        CollectionAssert.AreEqual(
            new[] { "Widgets: Remarks → Widgets get hot when they run for long.", "The lid: Step 1 → Open the lid with a small screwdriver." }, pairs);
    }

    [TestMethod]
    public void A_generic_heading_that_nothing_explains_is_left_out()
    {
        using var tree = new Tree();

        var pairs = tree.Add("page.md", "## Remarks\n\nWidgets get hot when they run for long.\n\n## Cooling\n\nLet the widget rest in the shade.\n").Extract();

        CollectionAssert.AreEqual(new[] { "Cooling → Let the widget rest in the shade." }, pairs);
        Assert.AreEqual(1, tree.Summary.PairsSkipped["generic heading without a title"]);
    }

    [TestMethod]
    public void Text_is_plain()
    {
        var pairs = Tree.Markdown("""
            ## 2.1 The `lid` of a [widget](w.md)

            Turn the **lid** with `open()`, see [the manual](m.md); 1 &lt; 2 &amp; 3.<br>An ![image](i.png) and <em>HTML</em>[^1].
            It goes on in{{< br >}} the next line.

            ```csharp
            var code = "is dropped";
            ```

                indented code is dropped too

            | a | b | c |
            |---|---|---|
            | tables of three columns | are dropped | as well |

            [^1]: A footnote that nobody needs to see here.
            """);

        CollectionAssert.AreEqual(
            new[] { "The lid of a widget → Turn the lid with open(), see the manual; 1 < 2 & 3. An and HTML. It goes on in the next line." }, pairs);
    }

    [TestMethod]
    public void An_include_costs_no_more_than_itself()
    {
        var pairs = Tree.Markdown("""
            ## Search

            In [!INCLUDE [product](../includes/product.md)], choose Search, or in [!include[p](p.md)] press the key.

            > [!VIDEO https://example.org/how-to-search.mp4]

            [!INCLUDE [footer](footer.md)]
            """);

        CollectionAssert.AreEqual(new[] { "Search → In , choose Search, or in press the key." }, pairs);
    }

    [TestMethod]
    public void Terms_are_paired_with_their_definitions()
    {
        var pairs = Tree.Markdown("""
            Flange
            :   The rim that keeps a wheel on its rail.

            - **Spindle**: the axle that turns the wheel.
            - **Lid:** covers the top, held by two screws.
            - `grease` – a thick oil for slow bearings
            - **Note:** this is not what the word note means.
            - **Bold** words that define nothing at all.

            | Part | Meaning |
            |---|---|
            | Rotor | The part of a motor that turns |
            """);

        CollectionAssert.AreEqual(
            new[]
            {
                "Flange → The rim that keeps a wheel on its rail.",
                "Spindle → the axle that turns the wheel.",
                "Lid → covers the top, held by two screws.",
                "grease → a thick oil for slow bearings",
                "Rotor → The part of a motor that turns",
            },
            pairs);
    }

    [TestMethod]
    public void Questions_are_paired_with_their_answers_however_they_are_marked()
    {
        var pairs = Tree.Markdown("""
            # FAQ

            ## Usage?

            Press the green button on the front.

            **What is a gadget?**

            A gadget is a widget without a motor.

            Q: Can I return a widget?

            A: Yes, within thirty days you can.

            Q: How heavy is it?
            A: It weighs less than two kilograms.

            <details>
            <summary>Is it safe for children?</summary>

            It is **not** safe for small children.

            </details>
            """);

        CollectionAssert.AreEqual(
            new[]
            {
                "Usage? → Press the green button on the front.",
                "What is a gadget? → A gadget is a widget without a motor.",
                "Can I return a widget? → Yes, within thirty days you can.",
                "How heavy is it? → It weighs less than two kilograms.",
                "Is it safe for children? → It is not safe for small children.",
            },
            pairs);
    }

    [TestMethod]
    public void Navigation_is_left_out()
    {
        var pairs = Tree.Markdown("""
            ## Widgets

            [A link to the page about gadgets](g.md)

            Widgets are sold in boxes of ten.

            ## See also

            The other pages of this manual.
            """);

        CollectionAssert.AreEqual(new[] { "Widgets → Widgets are sold in boxes of ten." }, pairs);
    }

    [TestMethod]
    public void Short_paragraphs_join_and_a_long_section_gives_some_passages()
    {
        static string Sentence(int number) => $"This is sentence number {number}, which is long enough that only two of them fill a passage of the text that we read here.";
        var paragraphs = string.Join("\n\n", Enumerable.Range(1, 9).Select(Sentence));

        var pairs = Tree.Markdown($"## Long\n\n{paragraphs}\n\n## Short\n\nOne two three four,\n\nfive six seven eight.\n");

        CollectionAssert.AreEqual(
            new[]
            {
                $"Long → {Sentence(1)} {Sentence(2)}",
                $"Long → {Sentence(3)} {Sentence(4)}",
                $"Long → {Sentence(5)} {Sentence(6)}",
                "Short → One two three four, five six seven eight.",
            },
            pairs);
    }
}
