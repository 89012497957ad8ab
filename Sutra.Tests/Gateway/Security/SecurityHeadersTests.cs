using Microsoft.AspNetCore.Http;

namespace Sutra.Tests.Gateway.Security;

[TestClass]
public sealed class SecurityHeadersTests
{
    [TestMethod]
    [DataRow("/")]
    [DataRow("/app.js")]
    [DataRow("/health")]
    [DataRow("/api/query")]
    [DataRow("/v1/models")]
    [DataRow("/nothing")]
    public async Task Every_answer_carries_them_and_a_services_own_do_not_count(string path)
    {
        await using var stub = await StubService.StartAsync(context =>
        {
            context.Response.Headers.Server = "Leaky/1.0";
            context.Response.Headers.XPoweredBy = "Leaky";
            context.Response.Headers.XFrameOptions = "ALLOWALL";
            context.Response.Headers.ContentSecurityPolicy = "default-src *";
            return context.Response.WriteAsync("stub");
        });
        await using var gateway = await GatewayHost.StartAsync(stub.Address, stub.Address);
        foreach (var client in new[] { gateway.Anonymous, gateway.Client })
        {
            using var response = await client.GetAsync(path);

            var csp = response.Headers.GetValues("Content-Security-Policy").Single();
            StringAssert.Contains(csp, "default-src 'none'");
            StringAssert.Contains(csp, "frame-ancestors 'none'");
            Assert.DoesNotContain("unsafe", csp);
            Assert.DoesNotContain("*", csp);
            Assert.AreEqual("DENY", response.Headers.GetValues("X-Frame-Options").Single());
            Assert.AreEqual("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.AreEqual("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            StringAssert.Contains(response.Headers.GetValues("Permissions-Policy").Single(), "camera=()");
            Assert.IsFalse(response.Headers.Contains("Server"));
            Assert.IsFalse(response.Headers.Contains("X-Powered-By"));
            Assert.IsFalse(response.Headers.Contains("Strict-Transport-Security"), "HSTS outside production or over http");
        }
    }

    [TestMethod]
    [DataRow("Production", "https://sutra.example", true)]
    [DataRow("Production", "http://localhost:8080", false)]
    [DataRow("Development", "https://sutra.example", false)]
    public async Task HSTS_is_for_production_over_TLS(string environment, string publicUrl, bool expected)
    {
        await using var gateway = await GatewayHost.StartAsync(settings: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["environment"] = environment,
            ["Gateway:PublicUrl"] = publicUrl,
        });

        using var response = await gateway.Anonymous.GetAsync("/");

        Assert.AreEqual(expected, response.Headers.Contains("Strict-Transport-Security"));
    }

    [TestMethod]
    public async Task Answers_are_kept_in_no_cache_unless_the_service_says_so()
    {
        await using var stub = await StubService.StartAsync(context =>
        {
            if (context.Request.Query.ContainsKey("own"))
            {
                context.Response.Headers.CacheControl = "max-age=5";
            }

            return context.Response.WriteAsync("stub");
        });
        await using var gateway = await GatewayHost.StartAsync(stub.Address);

        using var silent = await gateway.Client.GetAsync("/api/x");
        using var own = await gateway.Client.GetAsync("/api/x?own");

        Assert.IsTrue(silent.Headers.CacheControl!.NoStore);
        Assert.AreEqual(TimeSpan.FromSeconds(5), own.Headers.CacheControl!.MaxAge);
    }
}
