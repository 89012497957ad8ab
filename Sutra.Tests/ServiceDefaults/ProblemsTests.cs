using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Sutra.Tests.ServiceDefaults;

[TestClass]
public sealed class ProblemsTests
{
    [TestMethod]
    [DataRow("Production")]
    [DataRow("Development")]
    public async Task An_unknown_address_is_answered_with_problem_details(string environment)
    {
        await using var service = await TestService.StartAsync(environment: environment);

        await AssertProblemAsync(await service.Client.GetAsync("/nowhere"), HttpStatusCode.NotFound);
    }

    [TestMethod]
    [DataRow("Production", "application/json")]
    [DataRow("Development", "application/json")]
    [DataRow("Development", "text/html")]
    public async Task A_crash_is_a_500_that_tells_nothing_of_the_inside(string environment, string accept)
    {
        await using var service = await TestService.StartAsync(
            map: app => app.MapGet("/crash", string () => throw new InvalidOperationException("the inside")),
            environment: environment);
        service.Client.DefaultRequestHeaders.Add("Accept", accept);

        var body = await AssertProblemAsync(await service.Client.GetAsync("/crash"), HttpStatusCode.InternalServerError);

        Assert.IsFalse(body.Contains("the inside", StringComparison.Ordinal), body);
        Assert.IsFalse(body.Contains("   at ", StringComparison.Ordinal), body);
    }

    [TestMethod]
    [DataRow("Production")]
    [DataRow("Development")]
    public async Task A_body_that_is_no_JSON_is_a_400_with_a_reason(string environment)
    {
        await using var service = await TestService.StartAsync(
            map: app => app.MapPost("/learn", (Lesson lesson) => lesson.Text),
            environment: environment);

        using var content = new StringContent("{broken", Encoding.UTF8, "application/json");
        var body = await AssertProblemAsync(await service.Client.PostAsync("/learn", content), HttpStatusCode.BadRequest);

        StringAssert.Contains(body, "detail");
    }

    private static async Task<string> AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(status, response.StatusCode, body);
        Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType, body);
        using var problem = JsonDocument.Parse(body);
        Assert.AreEqual((int)status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.AreNotEqual("", problem.RootElement.GetProperty("traceId").GetString());
        response.Dispose();
        return body;
    }

    public sealed record Lesson(string Text);
}
