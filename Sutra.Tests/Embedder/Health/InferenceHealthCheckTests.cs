using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Embedder.Health;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Health;

[TestClass]
public sealed class InferenceHealthCheckTests
{
    [TestMethod]
    public async Task A_model_that_always_fails_does_not_count_as_working_because_another_one_does()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var embedder = new InProcessEmbedder(folder.Path);
        using var lease = await embedder.Host.AcquireAsync();
        var failing = new FailingModel();

        Assert.IsTrue((await embedder.EmbedAsync(["the cat"]))[0].IsEmbedded);

        Assert.IsTrue(await embedder.Engine.WorksAsync(lease.Model, lease.Model.Tokenizer, TimeSpan.FromHours(1)));
        Assert.IsFalse(await embedder.Engine.WorksAsync(failing, lease.Model.Tokenizer, TimeSpan.FromHours(1)));
        failing.Fails = false;
        Assert.IsTrue(await embedder.Engine.WorksAsync(failing, lease.Model.Tokenizer, TimeSpan.FromHours(1)), "it is tried again");
        failing.Fails = true;
        Assert.IsTrue(await embedder.Engine.WorksAsync(failing, lease.Model.Tokenizer, TimeSpan.FromHours(1)), "it worked lately");
    }

    [TestMethod]
    public async Task The_default_model_decides_and_others_that_fail_are_named()
    {
        using var folders = new TemporaryFolder();
        TestModel.Write(folders.File("default"));
        // Room for four tokens, whatever its settings say: it loads, and fails on longer texts.
        TestModel.Write(folders.File("short"), maxTokens: 4);
        File.Copy(Path.Combine(folders.File("default"), "config.json"), Path.Combine(folders.File("short"), "config.json"), overwrite: true);
        using var embedder = new InProcessEmbedder(
            folders.File("default"),
            sources: new FixedModels(new("short", folders.File("short")), new("absent", folders.File("absent"))));
        var check = new InferenceHealthCheck(embedder.Engine, embedder.Host);
        Assert.DoesNotContain("failing", (await CheckAsync(check)).Description!);

        var answer = await embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["the cat sat on the mat"], Model = "short" });
        Assert.AreEqual(TextFailure.ModelFailed, answer.Items[0].Failure);
        await Assert.ThrowsExactlyAsync<ModelUnavailableException>(
            () => embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["the cat"], Model = "absent" }));

        var report = await CheckAsync(check);
        Assert.AreEqual(HealthStatus.Healthy, report.Status);
        StringAssert.EndsWith(report.Description, $"; failing: {answer.Model.Id}, absent (not loaded)");

        await embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["cat"], Model = "short" });
        StringAssert.EndsWith((await CheckAsync(check)).Description, "; failing: absent (not loaded)");
    }

    private static Task<HealthCheckResult> CheckAsync(InferenceHealthCheck check) =>
        check.CheckHealthAsync(new HealthCheckContext { Registration = new HealthCheckRegistration("inference", check, HealthStatus.Unhealthy, null) });

    private sealed class FailingModel() : ScheduledModel(new BatchPolicy(64, 0.1, 1), maxTokens: 8)
    {
        public bool Fails { get; set; } = true;

        public override string Name => "failing";

        public override void Run(ForwardPass pass, IReadOnlyList<PendingText> batch, Span<float[]?> outputs)
        {
            if (Fails)
            {
                throw new InvalidOperationException("It always does.");
            }
        }
    }
}
