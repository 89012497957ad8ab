using Microsoft.Playwright;
using Sutra.Contracts.Api;

namespace Sutra.Tests.Gateway.Page;

/// <summary>The page as the README shows it: the finance example, one question answered, one text about to be learned.</summary>
internal static class PageScene
{
    public static async Task PlayAsync(IPage page, StubApi api, string key)
    {
        const string Close = "Contoso Ltd (CTSO) closed at 187.42 USD on 2024-06-14.";
        api.Answer = _ => StubApi.Found(
            Close,
            0.91,
            Day("9f3c61d20b7e4a58", 0.934, "2024-06-14", $"{Close} It opened at 184.10, reached a high of 188.03 and a low of 183.77; 2,418,300 shares changed hands.", "187.42"),
            Day("41b08e6fd95a2c37", 0.861, "2024-06-13", "Contoso Ltd (CTSO) closed at 184.05 USD on 2024-06-13, down 0.8 % on the day.", "184.05"),
            Day("c7725fa1083be96d", 0.842, "2024-06-17", "Contoso Ltd (CTSO) closed at 188.90 USD on 2024-06-17, its highest close of the quarter.", "188.90"));

        await page.GetByLabel("API key").FillAsync(key);
        await page.GetByLabel("API key").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#key-chip")).ToBeVisibleAsync();
        await page.GetByLabel("Text to remember").FillAsync(
            "Fabrikam Inc (FBKM) raised its guidance for the third quarter on 2024-06-18, citing strong demand for its grid batteries.");
        await page.GetByLabel("Metadata name").FillAsync("company");
        await page.GetByLabel("Metadata value").FillAsync("Fabrikam Inc");
        await page.GetByRole(AriaRole.Button, new() { Name = "+ Add a pair" }).ClickAsync();
        await page.GetByLabel("Metadata name").Nth(1).FillAsync("source");
        await page.GetByLabel("Metadata value").Nth(1).FillAsync("newswire");
        await page.GetByLabel("How much evidence").SelectOptionAsync("3");
        await page.GetByLabel("Question").FillAsync("What was the closing price of Contoso on June 14, 2024?");
        await page.GetByLabel("Question").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#evidence > li")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("#health-text")).ToHaveTextAsync("healthy");

        // Meters grow; the caret blinks.
        await page.EvaluateAsync("() => Promise.all(document.getAnimations().map(animation => animation.finished))");
        await page.EvaluateAsync("() => document.activeElement.blur()");
    }

    private static Evidence Day(string id, double score, string date, string content, string close) => new(id, content, score, new Dictionary<string, string>
    {
        ["company"] = "Contoso Ltd",
        ["date"] = date,
        ["data_type"] = "daily_ohlcv",
        ["price_close"] = close,
    });
}
