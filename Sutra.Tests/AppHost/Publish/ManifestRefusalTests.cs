using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost.Publish;

/// <summary>A publish that fails says why in one line, exits with 1 and leaves no file, or the old one.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class ManifestRefusalTests
{
    [TestMethod]
    [DataRow("manifest-executable", "'tool' is an executable, which cannot be deployed")]
    [DataRow("manifest-external-tcp", "The endpoint 'tcp' of 'store' is external but tcp")]
    [DataRow("manifest-port", "The endpoint 'http' of 'web' has the port 5080, but http is reached on 80")]
    [DataRow("manifest-secret-argument", "'web' has the secret {password.value} among its arguments")]
    [DataRow("manifest-dangling", "'web' refers to 'tool', which is not in the manifest")]
    [DataRow("manifest-no-endpoint", "'web' refers to the endpoint 'absent' of 'web', which has no such endpoint")]
    [DataRow("manifest-callback-fails", "The manifest was not written: the callback's own words")]
    public async Task What_cannot_be_deployed_is_refused(string scenario, string reason)
    {
        using var folder = new TemporaryFolder();
        await using var probe = Probe.Start(scenario, "--publisher", "manifest", "--output-path", folder.File("m.json"));

        await AssertRefusedAsync(probe, reason);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public async Task Every_problem_is_named_at_once()
    {
        using var folder = new TemporaryFolder();
        await using var probe = Probe.Start("manifest-two-problems", "--publisher", "manifest", "--output-path", folder.File("m.json"));

        await AssertRefusedAsync(probe, "'tool' is an executable");
        StringAssert.Contains(probe.Output, "The endpoint 'tcp' of 'store' needs a targetPort");
    }

    [TestMethod]
    public async Task A_failure_leaves_the_earlier_manifest_untouched()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("m.json"), "earlier");
        await using var probe = Probe.Start("manifest-executable", "--publisher", "manifest", "--output-path", folder.File("m.json"));

        Assert.AreEqual(1, await probe.ExitAsync());

        Assert.AreEqual("earlier", await File.ReadAllTextAsync(folder.File("m.json")));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public async Task An_output_path_that_cannot_be_written_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("file"), "");
        await using var probe = Probe.Start("manifest", "--publisher", "manifest", "--output-path", Path.Combine(folder.File("file"), "m.json"));

        await AssertRefusedAsync(probe, "cannot be written");
    }

    [TestMethod]
    public async Task An_output_path_is_needed()
    {
        await using var probe = Probe.Start("manifest", "--publisher", "manifest");

        await AssertRefusedAsync(probe, "The '--output-path [path]' option was not specified even though manifest publishing was requested.");
    }

    [TestMethod]
    [DataRow("kubernetes", "Publishing to Kubernetes needs the real Aspire packages")]
    [DataRow("aca", "Publishing to Azure Container Apps needs the real Aspire packages")]
    public async Task Targets_that_need_the_real_packages_say_so(string target, string reason)
    {
        using var folder = new TemporaryFolder();
        await using var probe = Probe.StartSutra("--operation", "publish", "--step", "publish", "--output-path", folder.Path, $"--Sutra:Target={target}");

        await AssertRefusedAsync(probe, reason);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static async Task AssertRefusedAsync(Probe probe, string reason)
    {
        Assert.AreEqual(1, await probe.ExitAsync(), probe.Output);
        Assert.HasCount(1, probe.Lines, probe.Output);
        StringAssert.Contains(probe.Output, reason);
    }
}
