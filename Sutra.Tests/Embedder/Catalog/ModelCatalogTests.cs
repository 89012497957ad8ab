using System.Text.Json;
using System.Text.Json.Nodes;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Catalog;

[TestClass]
public sealed class ModelCatalogTests
{
    [TestMethod]
    public void The_models_that_Sutra_knows_are_complete_and_their_weights_pinned()
    {
        var entries = ModelCatalog.BuiltIn.Entries;

        CollectionAssert.IsSubsetOf(
            new[] { "sutra-static", "all-MiniLM-L6-v2", "bge-small-en-v1.5", "nomic-embed-text-v1.5", "multilingual-e5-small" },
            entries.Select(entry => entry.Id).ToArray());
        CollectionAssert.AllItemsAreUnique(entries.Select(entry => entry.QualityRank).ToArray());
        foreach (var entry in entries.Where(entry => entry.Repository is not null))
        {
            StringAssert.EndsWith(entry.Url!.AbsoluteUri, "huggingface.co/" + entry.Repository);
            Assert.AreEqual("fp32", entry.Quantizations[0].Precision, entry.Id);
            Assert.IsNotEmpty(entry.Languages, entry.Id);
            foreach (var file in entry.Files.Concat(entry.Quantizations.Select(quantization => quantization.ToFile())))
            {
                Assert.IsTrue(file is { Size: > 0, Sha256.Length: 64 }, $"{entry.Id}: {file.Path}");
            }
        }
    }

    [TestMethod]
    public void The_entry_of_the_built_in_model_says_what_its_folder_says()
    {
        var entry = ModelCatalog.BuiltIn.Find("sutra-static")!;
        var folder = ModelFolder.Open(Path.Combine(Repository.Root, "models", "sutra-static"));

        Assert.AreEqual(folder.HiddenSize, entry.Dimensions);
        Assert.AreEqual(folder.MaxTokens, entry.MaxTokens);
        CollectionAssert.AreEqual(folder.MatryoshkaDimensions.ToArray(), entry.MatryoshkaDimensions.ToArray());
        Assert.AreEqual((long)folder.VocabularySize! * entry.Dimensions, entry.Parameters);
    }

    [TestMethod]
    public void A_model_is_found_by_id_and_by_repository_and_tells_its_legal_sizes()
    {
        var nomic = ModelCatalog.BuiltIn.Find("Nomic-Embed-Text-v1.5")!;

        Assert.AreSame(nomic, ModelCatalog.BuiltIn.Find("nomic-ai/nomic-embed-text-v1.5"));
        Assert.IsNull(ModelCatalog.BuiltIn.Find("nomic"));
        CollectionAssert.IsSubsetOf(new[] { 64, 128, 256, 512 }, nomic.ToHints().MatryoshkaDimensions.ToArray());
        Assert.AreEqual("search_query: ", nomic.ToHints().Prompts["query"]);
    }

    [TestMethod]
    public void A_file_of_the_users_adds_models_and_replaces_those_with_the_same_id()
    {
        using var folder = new TemporaryFolder();
        var other = Entry("ours");
        other["quantizations"]![0]!["sha256"] = null;
        other["files"] = new JsonArray();
        var path = Write(folder, Entry("All-Minilm-L6-V2"), other);

        var catalog = ModelCatalog.Load(path);

        Assert.HasCount(ModelCatalog.BuiltIn.Entries.Count + 1, catalog.Entries);
        Assert.AreEqual("acme/embedder", catalog.Find("all-MiniLM-L6-v2")!.Repository);
        Assert.IsNull(catalog.Find("ours")!.Quantizations[0].Sha256);
        Assert.AreSame(ModelCatalog.BuiltIn, ModelCatalog.Load(""));
    }

    [TestMethod]
    [DataRow("id", "../up", "id")]
    [DataRow("id", "a--b", "id")]
    [DataRow("repository", "acme", "owner/name")]
    [DataRow("repository", "acme/../x", "owner/name")]
    [DataRow("repository", null, "go together")]
    [DataRow("revision", "main", "commit")]
    [DataRow("dimensions", 0, "dimensions")]
    [DataRow("dimensions", 8, "matryoshka_dimensions")]
    [DataRow("max_tokens", 2000000, "max_tokens")]
    [DataRow("pooling", "max", "pooling")]
    [DataRow("licence", "", "licence")]
    [DataRow("relative_cost", 0, "relative_cost")]
    [DataRow("licence", null, "licence")]
    [DataRow("favourite", true, "favourite")]
    public void A_wrong_entry_is_refused_with_its_name_and_what_is_wrong(string property, object? value, string says)
    {
        using var folder = new TemporaryFolder();
        var entry = Entry("ours");
        entry[property] = JsonSerializer.SerializeToNode(value);
        StringAssert.Contains(Refused(Write(folder, entry)), says);
    }

    [TestMethod]
    [DataRow("path", "/etc/passwd")]
    [DataRow("path", "onnx/../model.onnx")]
    [DataRow("path", "onnx\\model.onnx")]
    [DataRow("path", "onnx/model_int8.onnx")]
    [DataRow("path", null)]
    [DataRow("size", 0)]
    [DataRow("size", -1)]
    [DataRow("sha256", "AA")]
    [DataRow("sha256", "XX6e0d5e48e6120c11e986346003f54bca39b85422aaaaaaaaaaaaaaaaaaaaaaaa")]
    [DataRow("precision", "int3")]
    public void A_wrong_file_is_refused(string property, object? value)
    {
        using var folder = new TemporaryFolder();
        var entry = Entry("ours");
        entry["quantizations"]![0]![property] = JsonSerializer.SerializeToNode(value);
        Refused(Write(folder, entry));
    }

    [TestMethod]
    public void What_is_no_catalog_is_refused()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Refused(Write(folder, Entry("ours"), Entry("OURS"))), "twice");
        StringAssert.Contains(Refused(folder.File("absent.json")), "Embedder:CatalogPath");
        foreach (var json in new[] { "", "[]", "{}", "null", """{"models": [null]}""", """{"models": {}}""" })
        {
            File.WriteAllText(folder.File("catalog.json"), json);
            Refused(folder.File("catalog.json"));
        }
    }

    [TestMethod]
    [DataRow("all-MiniLM-L6-v2", "all-MiniLM-L6-v2", null)]
    [DataRow("acme/model@main", "acme/model", "main")]
    [DataRow("acme/model@refs/pr/7", "acme/model", "refs/pr/7")]
    public void Models_are_named_by_id_or_repository_with_or_without_revision(string text, string name, string? revision)
    {
        Assert.IsTrue(ModelReference.TryParse(text, out var reference));
        Assert.AreEqual(new ModelReference(name, revision), reference);
        Assert.AreEqual(text, reference.ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("..")]
    [DataRow("../model")]
    [DataRow("acme/model/more")]
    [DataRow("acme/model@")]
    [DataRow("acme/model@../../x")]
    [DataRow("acme/model@a b")]
    [DataRow("acme\\model")]
    [DataRow("C:model")]
    [DataRow("acme/mo--del")]
    [DataRow("acme/.hidden")]
    [DataRow("модель")]
    [DataRow("https://huggingface.co/acme/model")]
    public void What_could_lead_elsewhere_is_no_name(string text)
    {
        Assert.IsFalse(ModelReference.TryParse(text, out _));
    }

    private static JsonObject Entry(string id) => new()
    {
        ["id"] = id,
        ["repository"] = "acme/embedder",
        ["revision"] = new string('a', 40),
        ["url"] = "https://example.org/embedder",
        ["licence"] = "MIT",
        ["languages"] = new JsonArray("en"),
        ["dimensions"] = 64,
        ["matryoshka_dimensions"] = new JsonArray(16, 32),
        ["max_tokens"] = 128,
        ["pooling"] = "cls",
        ["prompts"] = new JsonObject { ["query"] = "q: " },
        ["parameters"] = 1000,
        ["quality_rank"] = 9,
        ["relative_cost"] = 0.5,
        ["quantizations"] = new JsonArray(new JsonObject
        {
            ["precision"] = "fp32",
            ["path"] = "onnx/model.onnx",
            ["size"] = 1000,
            ["sha256"] = new string('0', 64),
        }),
        ["files"] = new JsonArray(new JsonObject { ["path"] = "tokenizer.json", ["size"] = 10, ["sha256"] = new string('1', 64) }),
    };

    private static string Write(TemporaryFolder folder, params JsonObject[] entries)
    {
        File.WriteAllText(folder.File("catalog.json"), new JsonObject { ["models"] = new JsonArray([.. entries]) }.ToJsonString());
        return folder.File("catalog.json");
    }

    private static string Refused(string path) => Assert.ThrowsExactly<ModelException>(() => ModelCatalog.Load(path)).Message;
}
