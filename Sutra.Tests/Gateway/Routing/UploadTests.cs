using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sutra.Tests.Gateway.Routing;

[TestClass]
public sealed class UploadTests
{
    [TestMethod]
    public async Task An_upload_may_be_larger_than_any_other_body_and_only_where_uploads_go()
    {
        var received = 0L;
        await using var api = await StubService.StartAsync(async context =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            var buffer = new byte[64 * 1024];
            for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
            {
                received += read;
            }

            context.Response.StatusCode = StatusCodes.Status202Accepted;
        });
        await using var gateway = await GatewayHost.StartAsync(
            api.Address, settings: new Dictionary<string, string>(StringComparer.Ordinal) { ["Gateway:MaxBodyBytes"] = "10000" });
        var upload = new byte[40_000_000];
        using (var accepted = await gateway.Client.PostAsync("/api/jobs?priority=3", new ByteArrayContent(upload)))
        {
            Assert.AreEqual(HttpStatusCode.Accepted, accepted.StatusCode);
        }

        Assert.AreEqual(upload.Length, received);
        foreach (var path in new[] { "/api/learn", "/api/jobs/x", "/api/jobsx" })
        {
            using var refused = await gateway.Client.PostAsync(path, new ByteArrayContent(new byte[20_000]));
            Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode, path);
        }

        Assert.AreEqual(upload.Length, received, "nothing else got through");
    }
}
