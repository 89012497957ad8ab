using Microsoft.AspNetCore.Http;
using Sutra.Embedder.Store;

namespace Sutra.Tests.Embedder.Store;

/// <summary>Misbehaviour of every kind, one after the other.</summary>
[TestClass]
public sealed class AnyMisbehaviourTests
{
    [TestMethod]
    [TestCategory("Slow")]
    [Timeout(120_000)]
    public async Task Whatever_the_hub_does_there_is_a_verified_model_or_none()
    {
        await using var test = await StoreUnderTest.StartAsync();
        test.Options = test.Options with { IdleTimeout = TimeSpan.FromMilliseconds(300), Attempts = 3 };
        var good = test.Hub.Files.ToDictionary(file => file.Key, file => FakeHub.Sha256(file.Value), StringComparer.Ordinal);
        var (arrived, refused) = (0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var trouble = random.Next(1, 4);
            test.Hub.OnContent = async (context, _, content) =>
            {
                int kind, at;
                lock (random)
                {
                    kind = random.Next(4) < trouble ? random.Next(9) : -1;
                    at = random.Next(content.Length);
                }

                return await MisbehaveAsync(context, content, kind, at);
            };
            try
            {
                await test.PullAsync();
                arrived++;
            }
            catch (ModelStoreException)
            {
                refused++;
            }

            Assert.IsEmpty(test.Store.Broken(), $"seed {seed}");
            foreach (var model in test.Store.List())
            {
                Assert.IsEmpty(await test.Store.VerifyAsync(model, null, default), $"seed {seed}");
                Assert.IsTrue(model.Files.All(file => file.Sha256 == good[file.Path]), $"seed {seed}");
                Assert.HasCount(5, model.Files);
                Assert.IsTrue(test.Store.Remove(model));
            }
        }

        Assert.IsTrue(arrived > 5 && refused > 5, $"{arrived} arrived, {refused} were refused: this proves little");
    }

    /// <summary>Cuts, flips, drops, repeats, errors; false: behaves.</summary>
    private static async Task<bool> MisbehaveAsync(HttpContext context, byte[] content, int kind, int at)
    {
        switch (kind)
        {
            case 0:
            case 1:
                await FakeHub.CutAsync(context, content, at);
                return true;
            case 2:
                context.Response.StatusCode = 503;
                return true;
            case 3:
                var flipped = content.ToArray();
                flipped[at] ^= 0x20;
                await FakeHub.SendAsync(context, flipped);
                return true;
            case 4:
                await FakeHub.SendAsync(context, content[..at]);
                return true;
            case 5:
                context.Response.StatusCode = 206;
                context.Response.Headers.ContentRange = $"bytes {at}-{content.Length - 1}/{content.Length}";
                await context.Response.Body.WriteAsync(content.AsMemory(at));
                return true;
            case 6:
                await context.Response.Body.WriteAsync(content);
                await context.Response.Body.WriteAsync(content.AsMemory(0, at));
                return true;
            case 7:
                context.Request.Headers.Range = default;
                await FakeHub.SendAsync(context, content);
                return true;
            case 8:
                context.Abort();
                return true;
            default:
                return false;
        }
    }
}
