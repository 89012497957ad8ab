using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sutra.ServiceDefaults.Startup;
using Sutra.Tests.Harness;

namespace Sutra.Tests.ServiceDefaults;

[TestClass]
public sealed class StartupErrorTests
{
    [TestMethod]
    public void All_validation_failures_are_told_in_one_line()
    {
        var error = new AggregateException(
            new OptionsValidationException("A", typeof(object), ["Size is 0; it must be positive.", "Name is missing."]),
            new OptionsValidationException("B", typeof(object), ["Key is too short."]));

        Assert.AreEqual("Size is 0; it must be positive.; Name is missing.; Key is too short.", StartupError.Describe(error));
    }

    [TestMethod]
    public void A_cause_that_was_meant_for_people_is_told_without_its_wrapping()
    {
        var error = new InvalidOperationException("wrapped", new StartupException("models/x has no\nmodel.onnx"));

        Assert.AreEqual("models/x has no model.onnx", StartupError.Describe(error));
    }

    [TestMethod]
    public void A_surprise_is_told_with_its_type()
    {
        Assert.AreEqual("NotSupportedException: no", StartupError.Describe(new NotSupportedException("no")));
    }

    [TestMethod]
    public void Whoever_runs_the_program_inside_his_own_process_sees_the_exception()
    {
        Assert.ThrowsExactly<StartupException>(() => StartupError.Run(() => throw new StartupException("for the host of this test")));
    }

    [TestMethod]
    public async Task A_bad_value_stops_the_host_before_it_serves()
    {
        await using var app = TestService.Build(settings: ("ServiceDefaults:Health:Timeout", "-00:00:01"));

        var error = await Assert.ThrowsExactlyAsync<OptionsValidationException>(() => app.StartAsync());

        StringAssert.Contains(StartupError.Describe(error), "Timeout");
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_service_without_its_secret_says_so_in_one_line()
    {
        await AssertOneLineAsync([], "Identity:Key is missing");
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_service_whose_port_is_taken_says_so_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await AssertOneLineAsync(
            new() { ["Identity__Key"] = new string('k', 32), ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}" },
            $"http://127.0.0.1:{port}: address already in use");
    }

    private static async Task AssertOneLineAsync(Dictionary<string, string?> environment, string expected)
    {
        environment.TryAdd("ASPNETCORE_URLS", "http://127.0.0.1:0");
        await using var service = ServiceProcess.Start(Repository.Program("Sutra.Embedder"), environment);

        await service.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        service.Process.WaitForExit();

        Assert.AreEqual(1, service.Process.ExitCode, service.Output);
        StringAssert.Contains(service.Output, expected);
        Assert.AreEqual(1, service.Output.Split('\n').Count(line => line.StartsWith("Sutra.Embedder did not start: ", StringComparison.Ordinal)), service.Output);
        Assert.IsFalse(service.Output.Contains("   at ", StringComparison.Ordinal), service.Output);
    }
}
