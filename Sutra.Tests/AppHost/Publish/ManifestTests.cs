using System.Text.Json;
using System.Text.Json.Nodes;
using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost.Publish;

[TestClass]
[TestCategory("Slow")]
public sealed class ManifestTests
{
    [TestMethod]
    public async Task The_committed_manifest_is_the_generated_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("manifest.json");
        // Nothing on the PATH: no docker, no redis-server, no postgres.
        await using var probe = Probe.StartSutra("--publisher", "manifest", "--output-path", path);

        Assert.AreEqual(0, await probe.ExitAsync(), probe.Output);

        var committed = Path.Combine(Repository.Root, "aspire-manifest.json");
        Assert.AreEqual(
            Normalised(committed),
            Normalised(path),
            "Write it again: dotnet run --project Sutra.AppHost -- --publisher manifest --output-path ../aspire-manifest.json");
    }

    [TestMethod]
    public async Task A_language_model_is_in_it_where_its_endpoint_is_set_and_its_key_is_a_secret()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("manifest.json");
        await using var probe = Probe.StartSutra(
            "--publisher", "manifest", "--output-path", path,
            "--Parameters:generation-endpoint=https://model.example/v1", "--Parameters:generation-model=small", "--Parameters:generation-key=never-in-a-manifest");
        Assert.AreEqual(0, await probe.ExitAsync(), probe.Output);
        var text = await File.ReadAllTextAsync(path);
        var resources = JsonNode.Parse(text)!["resources"]!;
        Assert.AreEqual("{generation-endpoint.value}", resources["api"]!["env"]!["Generation__Endpoint"]!.GetValue<string>());
        Assert.AreEqual("{generation-key.value}", resources["api"]!["env"]!["Generation__ApiKey"]!.GetValue<string>());
        Assert.IsTrue(resources["generation-key"]!["inputs"]!["value"]!["secret"]!.GetValue<bool>());
        Assert.DoesNotContain("never-in-a-manifest", text);
    }

    [TestMethod]
    public async Task Paths_are_relative_to_the_manifest()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a", "b", "c.json");
        var manifest = await PublishAsync("manifest", path);

        var project = manifest["web"]!["path"]!.GetValue<string>();
        Assert.IsTrue(File.Exists(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, project))), project);
        Assert.DoesNotContain("\\", project);
        Assert.IsEmpty(Directory.GetFiles(Path.GetDirectoryName(path)!, "*.tmp"), "temporary files");
    }

    [TestMethod]
    public async Task A_project_is_written_as_Aspire_writes_it()
    {
        using var folder = new TemporaryFolder();
        var manifest = await PublishAsync("manifest", folder.File("m.json"));

        var web = manifest["web"]!;
        Assert.AreEqual(
            """["type","path","args","env","bindings"]""",
            JsonSerializer.Serialize(web.AsObject().Select(p => p.Key)));
        Assert.AreEqual("""["--number","7"]""", web["args"]!.ToJsonString());
        Assert.AreEqual(
            """{"http":{"scheme":"http","protocol":"tcp","transport":"http"},"https":{"scheme":"https","protocol":"tcp","transport":"http"},"admin":{"scheme":"http","protocol":"tcp","transport":"http","targetPort":8000}}""",
            web["bindings"]!.ToJsonString());
        var environment = web["env"]!;
        Assert.AreEqual("{web.bindings.http.targetPort};{web.bindings.admin.targetPort}", environment["HTTP_PORTS"]!.GetValue<string>());
        Assert.AreEqual("true", environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"]!.GetValue<string>());
        Assert.AreEqual("{model.value}", environment["MODEL"]!.GetValue<string>());
        Assert.AreEqual("{{literal}}", environment["BRACES"]!.GetValue<string>());
        Assert.AreEqual("{{literal}} {model.value}", environment["BOTH"]!.GetValue<string>());
        Assert.AreEqual("{cache.connectionString}", environment["ConnectionStrings__cache"]!.GetValue<string>());
        Assert.IsFalse(environment.AsObject().ContainsKey("ASPNETCORE_URLS"));
        Assert.IsFalse(environment.AsObject().ContainsKey("ASPNETCORE_ENVIRONMENT"));
    }

    [TestMethod]
    public async Task Parameters_come_with_their_defaults_and_generated_ones_at_the_end()
    {
        using var folder = new TemporaryFolder();
        var manifest = await PublishAsync("manifest", folder.File("m.json"));

        CollectionAssert.AreEqual(
            new[] { "web", "model", "needed", "cache", "cache-password", "cache-password-uri-encoded" },
            manifest.AsObject().Select(p => p.Key).ToArray());
        Assert.AreEqual("""{"value":{"type":"string","default":{"value":"models/small"}}}""", manifest["model"]!["inputs"]!.ToJsonString());
        Assert.AreEqual("""{"value":{"type":"string"}}""", manifest["needed"]!["inputs"]!.ToJsonString());
        Assert.AreEqual(
            """{"value":{"type":"string","secret":true,"default":{"generate":{"minLength":22,"special":false}}}}""",
            manifest["cache-password"]!["inputs"]!.ToJsonString());
        Assert.AreEqual("""{"type":"annotated.string","value":"{cache-password.value}","filter":"uri"}""", manifest["cache-password-uri-encoded"]!.ToJsonString());
    }

    [TestMethod]
    public async Task A_folder_gets_the_default_name_and_the_newer_switches_do_the_same()
    {
        using var folder = new TemporaryFolder();
        await using var older = Probe.Start("manifest", "--publisher=manifest", "--output-path", folder.File("older"));
        await using var newer = Probe.Start("manifest", "--operation", "publish", "--step", "publish-manifest", "--output-path", folder.File("newer"));

        Assert.AreEqual(0, await older.ExitAsync(), older.Output);
        Assert.AreEqual(0, await newer.ExitAsync(), newer.Output);

        var path = Path.Combine(folder.File("older"), "aspire-manifest.json");
        StringAssert.Contains(older.Output, $"Published manifest to: {path}");
        Assert.AreEqual(await File.ReadAllTextAsync(path), await File.ReadAllTextAsync(Path.Combine(folder.File("newer"), "aspire-manifest.json")));
    }

    [TestMethod]
    public async Task An_excluded_executable_is_left_out()
    {
        using var folder = new TemporaryFolder();
        var manifest = await PublishAsync("manifest-executable-excluded", folder.File("m.json"));

        CollectionAssert.AreEqual(new[] { "web" }, manifest.AsObject().Select(p => p.Key).ToArray());
    }

    internal static async Task<JsonNode> PublishAsync(string scenario, string path)
    {
        await using var probe = Probe.Start(scenario, "--publisher", "manifest", "--output-path", path);
        Assert.AreEqual(0, await probe.ExitAsync(), probe.Output);
        return JsonNode.Parse(await File.ReadAllTextAsync(path))!["resources"]!;
    }

    /// <summary>With absolute project paths, as the two files lie in different folders.</summary>
    private static string Normalised(string path)
    {
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        foreach (var (_, resource) in manifest["resources"]!.AsObject())
        {
            if (resource!["path"] is { } project)
            {
                resource["path"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, project.GetValue<string>()));
            }
        }

        return manifest.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }
}
