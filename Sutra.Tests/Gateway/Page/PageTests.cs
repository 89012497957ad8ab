using Microsoft.Playwright;
using Sutra.Contracts.Api;
using Sutra.Contracts.Concepts;
using Sutra.Gateway.Keys;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Page;

/// <summary>The page in a real browser, against the real gateway. Set SUTRA_UPDATE_IMAGES=1 to renew docs/images/page.png.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class PageTests
{
    private const string Script = "<script>alert('ran')</script><img src=x onerror=\"alert('ran')\"><b>bold</b>";
    private static readonly Dictionary<string, string> NoMetadata = [];

    private static Browser s_browser = null!;
    private readonly StubApi _api = new();
    private StubService _stub = null!;
    private GatewayHost _gateway = null!;

    [ClassInitialize]
    public static async Task StartBrowser(TestContext _) => s_browser = await Browser.StartAsync();

    [ClassCleanup]
    public static async Task StopBrowser()
    {
        if (s_browser is not null)
        {
            await s_browser.DisposeAsync();
        }
    }

    [TestInitialize]
    public async Task Start()
    {
        _stub = await StubService.StartAsync(_api.HandleAsync);
        _gateway = await GatewayHost.StartAsync(_stub.Address, _stub.Address);
    }

    [TestCleanup]
    public async Task Stop()
    {
        await _gateway.DisposeAsync();
        await _stub.DisposeAsync();
    }

    [TestMethod]
    public async Task One_enters_the_key_learns_asks_and_sees_answer_and_evidence()
    {
        var (page, complaints) = await s_browser.OpenAsync(_gateway.Address);
        await UseKeyAsync(page, _gateway.Key);

        await page.GetByLabel("Text to remember").FillAsync("ACME closed at 212.50 on 2024-03-15.");
        await page.GetByLabel("Metadata name").FillAsync("company");
        await page.GetByLabel("Metadata value").FillAsync("ACME");
        await page.GetByRole(AriaRole.Button, new() { Name = "+ Add a pair" }).ClickAsync();
        await page.GetByLabel("Metadata name").Nth(1).FillAsync("date");
        await page.GetByLabel("Metadata value").Nth(1).FillAsync("2024-03-15");
        await page.GetByLabel("Text to remember").PressAsync("Control+Enter");
        await Assertions.Expect(page.Locator("#learn-notice")).ToContainTextAsync("00c0ffee00c0ffee");

        var learned = _api.Learned.Single();
        Assert.AreEqual("ACME closed at 212.50 on 2024-03-15.", learned.Content);
        CollectionAssert.AreEquivalent(new[] { ("company", "ACME"), ("date", "2024-03-15") }, learned.Metadata!.Select(pair => (pair.Key, pair.Value)).ToArray());
        await Assertions.Expect(page.GetByLabel("Text to remember")).ToHaveValueAsync("");

        QueryRequest? asked = null;
        _api.Answer = query =>
        {
            asked = query;
            return StubApi.Found(
                "ACME closed at 212.50 on 2024-03-15.",
                0.87,
                new Evidence("00c0ffee00c0ffee", "Good day. ACME closed at 212.50 on 2024-03-15. Volume was high.", 0.912, learned.Metadata!),
                new Evidence("00c0ffee00c0ff00", "ACME opened at 210.00.", 0.456, NoMetadata));
        };
        await page.GetByLabel("Question").FillAsync("Where did ACME close?");
        await page.GetByLabel("How much evidence").SelectOptionAsync("10");
        await page.GetByLabel("Question").PressAsync("Enter");

        await Assertions.Expect(page.Locator("#answer")).ToHaveTextAsync("ACME closed at 212.50 on 2024-03-15.");
        Assert.AreEqual(("Where did ACME close?", 10), (asked!.Query, asked.TopK));
        await Assertions.Expect(page.Locator(".confidence")).ToContainTextAsync("87%high");
        await Assertions.Expect(page.GetByRole(AriaRole.Meter, new() { Name = "Confidence" })).ToHaveAttributeAsync("aria-valuenow", "0.87");
        await Assertions.Expect(page.Locator("#timing")).ToContainTextAsync("4.6 ms");
        var evidence = page.Locator("#evidence > li");
        await Assertions.Expect(evidence).ToHaveCountAsync(2);
        await Assertions.Expect(evidence.First.Locator("mark")).ToHaveTextAsync("ACME closed at 212.50 on 2024-03-15.");
        await Assertions.Expect(evidence.First.Locator(".score")).ToHaveTextAsync("0.912");
        await Assertions.Expect(evidence.First.Locator(".tags")).ToContainTextAsync("companyACMEdate2024-03-15");

        Assert.IsEmpty(complaints, string.Join('\n', complaints));
    }

    [TestMethod]
    public async Task The_key_stays_in_the_tab_until_it_is_forgotten_and_nowhere_else()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);
        await UseKeyAsync(page, _gateway.Key);

        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#key-chip")).ToBeVisibleAsync();
        Assert.AreEqual(0, await page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
        Assert.DoesNotContain("sutra_", page.Url);
        Assert.DoesNotContain(_gateway.Key, await page.ContentAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Forget" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("API key")).ToBeFocusedAsync();
        Assert.AreEqual(0, await page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [TestMethod]
    public async Task A_wrong_key_is_said_to_be_one_and_is_not_kept()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);

        await page.GetByLabel("API key").FillAsync(ApiKeyText.New(ApiKeyText.NewId()));
        await page.GetByRole(AriaRole.Button, new() { Name = "Use key" }).ClickAsync();

        await Assertions.Expect(page.Locator("#key-notice")).ToContainTextAsync("The API key is not known here");
        await Assertions.Expect(page.Locator("#key-chip")).ToBeHiddenAsync();
        Assert.AreEqual(0, await page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [TestMethod]
    public async Task A_key_that_was_revoked_meanwhile_is_asked_for_again()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);
        await page.EvaluateAsync("key => sessionStorage.setItem('sutra.key', key)", ApiKeyText.New(ApiKeyText.NewId()));
        await page.ReloadAsync();

        await AskAsync(page, "anything");

        await Assertions.Expect(page.Locator("#ask-notice")).ToContainTextAsync("The API key is not known here");
        await Assertions.Expect(page.GetByLabel("API key")).ToBeVisibleAsync();
    }

    [TestMethod]
    public async Task Without_a_key_an_empty_text_or_question_one_is_told_what_is_missing()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);

        await AskAsync(page, "anything");
        await Assertions.Expect(page.Locator("#ask-notice")).ToContainTextAsync("An API key is needed");
        await Assertions.Expect(page.GetByLabel("API key")).ToBeFocusedAsync();

        await UseKeyAsync(page, _gateway.Key);
        await AskAsync(page, "  ");
        await Assertions.Expect(page.Locator("#ask-notice")).ToContainTextAsync("Nothing asked");
        await page.GetByRole(AriaRole.Button, new() { Name = "Learn" }).ClickAsync();
        await Assertions.Expect(page.Locator("#learn-notice")).ToContainTextAsync("Nothing to learn");
    }

    [TestMethod]
    public async Task A_question_that_is_longer_than_the_model_reads_is_said_to_be()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);
        await UseKeyAsync(page, _gateway.Key);
        _api.Answer = _ => StubApi.Found("The first.", 1) with { Truncated = true };
        await AskAsync(page, "long");
        await Assertions.Expect(page.Locator("#ask-notice")).ToContainTextAsync("longer than the model reads");

        _api.Answer = _ => StubApi.Found("The second.", 1);
        await AskAsync(page, "short");
        await Assertions.Expect(page.Locator("#answer")).ToHaveTextAsync("The second.");
        await Assertions.Expect(page.Locator("#ask-notice")).ToBeHiddenAsync();
    }

    [TestMethod]
    public async Task Metadata_may_be_as_long_as_it_is_taken()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);
        await Assertions.Expect(page.GetByLabel("Metadata name")).ToHaveAttributeAsync("maxlength", $"{ConceptLimits.MetadataKey}");
        await Assertions.Expect(page.GetByLabel("Metadata value")).ToHaveAttributeAsync("maxlength", $"{ConceptLimits.MetadataValue}");
    }

    [TestMethod]
    public async Task Script_in_texts_metadata_and_answers_is_shown_and_never_run()
    {
        var (page, complaints) = await s_browser.OpenAsync(_gateway.Address);
        await UseKeyAsync(page, _gateway.Key);
        _api.Answer = _ => StubApi.Found(Script, 0.5, new Evidence("00c0ffee00c0ffee", $"{Script} and more", 0.9, new Dictionary<string, string> { [Script] = Script }));

        await AskAsync(page, Script);

        await Assertions.Expect(page.Locator("#answer")).ToHaveTextAsync(Script);
        await Assertions.Expect(page.Locator("#evidence .content")).ToHaveTextAsync($"{Script} and more");
        await Assertions.Expect(page.Locator("#evidence .tags dt").First).ToHaveTextAsync(Script);
        Assert.AreEqual(0, await page.Locator("#result script, #result img, #result b:text('bold')").CountAsync());

        _api.Answer = _ => new QueryResponse(null, 0, [], Script, new QueryTiming(0, 0, 0, 0));
        await AskAsync(page, "again");
        await Assertions.Expect(page.Locator("#answer")).ToHaveTextAsync($"No answer: {Script}");
        Assert.IsEmpty(complaints, string.Join('\n', complaints));
    }

    [TestMethod]
    public async Task The_policy_stops_markup_that_would_run_if_the_page_ever_let_it_in()
    {
        var (page, complaints) = await s_browser.OpenAsync(_gateway.Address);

        var blocked = await page.EvaluateAsync<bool>("() => { try { document.body.innerHTML = '<img src=x onerror=alert(1)>'; return false; } catch { return true; } }");

        Assert.IsTrue(blocked, "trusted types are not enforced");
        Assert.DoesNotContain(complaint => complaint.StartsWith("dialog", StringComparison.Ordinal), complaints);
    }

    [TestMethod]
    public async Task A_problem_is_shown_with_its_detail_and_trace_id()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);
        await UseKeyAsync(page, _gateway.Key);

        await page.GetByLabel("Text to remember").FillAsync("refuse this");
        await page.GetByRole(AriaRole.Button, new() { Name = "Learn" }).ClickAsync();

        await Assertions.Expect(page.Locator("#learn-notice")).ToHaveTextAsync("Not learnableThis text is refused.Trace 0af7651916cd43dd8448eb211c80319c");
        await Assertions.Expect(page.GetByLabel("Text to remember")).ToHaveValueAsync("refuse this");
    }

    [TestMethod]
    public async Task Health_is_shown_by_component_and_a_service_that_is_down_is_said_so()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);
        await Assertions.Expect(page.Locator("#health-text")).ToHaveTextAsync("healthy");
        await page.Locator("#health summary").ClickAsync();
        await Assertions.Expect(page.Locator("#health-components")).ToContainTextAsync("storage");

        _api.Healthy = false;
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#health-text")).ToHaveTextAsync("not healthy");

        await _stub.DisposeAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#health-text")).ToHaveTextAsync("not healthy");
        await Assertions.Expect(page.Locator("#health-components")).ToContainTextAsync("api");
        await UseKeyAsync(page, _gateway.Key);
        await AskAsync(page, "anything");
        await Assertions.Expect(page.Locator("#ask-notice")).ToContainTextAsync("cannot be reached at the moment");
    }

    [TestMethod]
    [DataRow(1280)]
    [DataRow(800)]
    [DataRow(360)]
    public async Task It_fits_every_width_and_every_control_has_a_name(int width)
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address, ColorScheme.Dark, width);
        await UseKeyAsync(page, _gateway.Key);
        _api.Answer = _ => StubApi.Found(new string('x', 300), 1, new Evidence("00c0ffee00c0ffee", new string('y', 300), 1, new Dictionary<string, string> { ["name"] = new('z', 300) }));
        await AskAsync(page, "wide");
        await Assertions.Expect(page.Locator("#answer")).ToBeVisibleAsync();

        Assert.IsLessThanOrEqualTo(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.AreEqual(0, await page.EvaluateAsync<int>(
            "[...document.querySelectorAll('input, textarea, select, button')].filter(e => !e.labels?.length && !e.ariaLabel && !e.textContent.trim()).length"));
    }

    [TestMethod]
    public async Task The_picture_for_the_readme_can_be_taken()
    {
        var (page, _) = await s_browser.OpenAsync(_gateway.Address);
        await PageScene.PlayAsync(page, _api, _gateway.Key);

        var picture = await page.ScreenshotAsync();

        Assert.IsInRange(10_000, 200_000, picture.Length);
        if (Environment.GetEnvironmentVariable("SUTRA_UPDATE_IMAGES") == "1")
        {
            var path = Path.Combine(Repository.Root, "docs", "images", "page.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, picture);
        }
    }

    private static async Task UseKeyAsync(IPage page, string key)
    {
        await page.GetByLabel("API key").FillAsync(key);
        await page.GetByLabel("API key").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#key-chip")).ToBeVisibleAsync();
    }

    private static async Task AskAsync(IPage page, string query)
    {
        await page.GetByLabel("Question").FillAsync(query);
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
    }
}
