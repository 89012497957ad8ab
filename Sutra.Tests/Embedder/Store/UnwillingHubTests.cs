using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Sutra.Tests.Embedder.Store;

/// <summary>A hub that does not answer, or not with what was asked for.</summary>
[TestClass]
public sealed class UnwillingHubTests
{
    [TestMethod]
    [DataRow(429)]
    [DataRow(500)]
    [DataRow(503)]
    public async Task A_busy_hub_is_asked_again_when_it_says(int status)
    {
        await using var test = await StoreUnderTest.StartAsync();
        var asked = new ConcurrentDictionary<string, int>();
        test.Hub.OnRequest = context =>
        {
            if (asked.AddOrUpdate(context.Request.Path, 1, (_, times) => times + 1) > 1)
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "0";
            return Task.FromResult(true);
        };

        Assert.AreEqual("acme/tiny", (await test.PullAsync()).Model.Name);
    }

    [TestMethod]
    [DataRow(401, null, "HF_TOKEN")]
    [DataRow(403, null, "HF_TOKEN")]
    [DataRow(403, "hf_secret", "gives no access")]
    [DataRow(404, null, "no such")]
    [DataRow(500, null, "gave up after 4 attempts")]
    [DataRow(418, null, "418")]
    public async Task A_refusal_is_told_in_one_line_without_the_token(int status, string? token, string says)
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Options = test.Options with { Token = token };
        test.Hub.OnRequest = context =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };

        var message = await test.RefusedAsync();

        StringAssert.Contains(message, says);
        Assert.DoesNotContain("hf_secret", message);
    }

    [TestMethod]
    public async Task A_wait_that_is_too_long_is_left_to_the_person()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnRequest = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3600";
            return Task.FromResult(true);
        };
        StringAssert.Contains(await test.RefusedAsync(), "60 minutes");
    }

    [TestMethod]
    public async Task A_hub_that_is_not_there_is_told_so()
    {
        await using var test = await StoreUnderTest.StartAsync();
        await test.Hub.DisposeAsync();
        StringAssert.Contains(await test.RefusedAsync(), "cannot be reached");
    }

    [TestMethod]
    [DataRow("ftp://127.0.0.1/x")]
    [DataRow("http://192.0.2.1/x")]
    [DataRow("file:///etc/passwd")]
    [DataRow("https://user@127.0.0.1/x")]
    public async Task A_redirect_to_where_nobody_may_listen_is_not_followed(string target)
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnRequest = context =>
        {
            if (!context.Request.Path.Value!.Contains("/resolve/", StringComparison.Ordinal))
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = 302;
            context.Response.Headers.Location = target;
            return Task.FromResult(true);
        };
        StringAssert.Contains(await test.RefusedAsync(), "redirects to");
    }

    [TestMethod]
    public async Task Redirects_without_end_end()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnRequest = context =>
        {
            context.Response.Redirect(context.Request.Path);
            return Task.FromResult(true);
        };
        StringAssert.Contains(await test.RefusedAsync(), "more than 5 redirects");
    }

    [TestMethod]
    public async Task A_web_page_is_no_model()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Hub.OnContent = async (context, _, _) =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync("<html>Please log in</html>");
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "web page");

        test.Hub.OnRequest = async context =>
        {
            await context.Response.WriteAsync("<html>Please log in</html>");
            return true;
        };
        StringAssert.Contains(await test.RefusedAsync(), "login page");
    }
}
