using Microsoft.Playwright;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Page;

/// <summary>The machine's own Chromium, without a window, driven by Playwright.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // So that it talks to nobody but the page.
    private static readonly string[] Quiet =
    [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Starts it; without Chromium the test is inconclusive.</summary>
    public static async Task<Browser> StartAsync()
    {
        var program = Environment.GetEnvironmentVariable("SUTRA_TEST_CHROMIUM") ?? Programs.FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Inconclusive("There is no Chromium on this machine (Debian: apt-get install chromium).");
        }

        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = [.. Quiet, .. Environment.UserName == "root" ? ["--no-sandbox"] : Array.Empty<string>()],
        });
        return new Browser(playwright, browser);
    }

    /// <summary>A fresh page of its own context, with what it complained about on its console.</summary>
    public async Task<(IPage Page, List<string> Complaints)> OpenAsync(Uri address, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(10_000);
        var complaints = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Dialog += (_, dialog) =>
        {
            complaints.Add($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        await page.GotoAsync(address.ToString());
        return (page, complaints);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
