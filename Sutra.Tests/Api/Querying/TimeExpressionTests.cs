using System.Globalization;
using Sutra.Api.Querying;
using Sutra.Api.Understanding;

namespace Sutra.Tests.Api.Querying;

[TestClass]
public sealed class TimeExpressionTests
{
    [TestMethod]
    [DataRow("on 2024-03-14", "2024-03-14/2024-03-15")]
    [DataRow("on 14 March 2024", "2024-03-14/2024-03-15")]
    [DataRow("on the 14th of March, 2024", "2024-03-14/2024-03-15")]
    [DataRow("on March 14th, 2024", "2024-03-14/2024-03-15")]
    [DataRow("on Thursday, 14 Mar 2024", "2024-03-14/2024-03-15")]
    [DataRow("on 3/14/2024", "2024-03-14/2024-03-15")]
    [DataRow("on 14/3/2024", "2024-03-14/2024-03-15")]
    [DataRow("on 14.03.2024", "2024-03-14/2024-03-15")]
    [DataRow("in March 2024", "2024-03-01/2024-04-01")]
    [DataRow("in 2024-03", "2024-03-01/2024-04-01")]
    [DataRow("in 03/2024", "2024-03-01/2024-04-01")]
    [DataRow("in Q1 2024", "2024-01-01/2024-04-01")]
    [DataRow("in the second quarter of 2024", "2024-04-01/2024-07-01")]
    [DataRow("in the second half of 2024", "2024-07-01/2025-01-01")]
    [DataRow("in 2024", "2024-01-01/2025-01-01")]
    [DataRow("between January and June 2024", "2024-01-01/2024-07-01")]
    [DataRow("from 3 to 17 March 2024", "2024-03-03/2024-03-18")]
    [DataRow("from 3 March to 17 April 2024", "2024-03-03/2024-04-18")]
    [DataRow("from January 2023 until June 2024", "2023-01-01/2024-07-01")]
    [DataRow("2024-03-01 - 2024-03-05", "2024-03-01/2024-03-06")]
    [DataRow("from the start to the end of March 2024", "2024-03-01/2024-04-01")]
    [DataRow("in the week of 14 March 2024", "2024-03-11/2024-03-18")]
    [DataRow("in the last week of March 2024", "2024-03-25/2024-04-01")]
    [DataRow("since March 2024", "2024-03-01/9999-12-31")]
    [DataRow("before 2024-03-14", "0001-01-01/2024-03-14")]
    [DataRow("on 2024-03-14 and on 2024-03-15", "2024-03-14/2024-03-15 2024-03-15/2024-03-16")]
    [DataRow("yesterday", "2026-05-19/2026-05-20")]
    [DataRow("last month", "2026-04-01/2026-05-01")]
    [DataRow("next year", "2027-01-01/2028-01-01")]
    [DataRow("in March", "2025-03-01/2025-04-01")]
    [DataRow("in December", "2024-12-01/2025-01-01")]
    [DataRow("may they march on", "")]
    [DataRow("30 February 2024", "2024-02-01/2024-03-01")]
    public void Times_are_read_as(string text, string expected)
    {
        var found = new TimeExpressions(text, Scanner.Scan(text), today: new DateOnly(2026, 5, 20), newest: new DateOnly(2025, 6, 30)).Find();
        Assert.AreEqual(expected, string.Join(' ', found.Select(range => string.Create(CultureInfo.InvariantCulture, $"{range.From:yyyy-MM-dd}/{range.Until:yyyy-MM-dd}"))));
    }

    [TestMethod]
    public void Any_text_can_be_read()
    {
        string[] words = ["March", "14", "2024", "of", "the", "last", "week", "Q1", "first", "half", "to", "and", "between", "3/14/2024", "31", "-", "since", "next", "year", "2024-03", "."];
        var random = new Random(5);
        for (var round = 0; round < 5000; round++)
        {
            var text = string.Join(' ', Enumerable.Range(0, random.Next(0, 12)).Select(_ => words[random.Next(words.Length)]));
            foreach (var range in new TimeExpressions(text, Scanner.Scan(text), new DateOnly(2026, 5, 20), new DateOnly(2025, 6, 30)).Find())
            {
                Assert.IsTrue(range.From < range.Until, text);
            }
        }
    }
}
