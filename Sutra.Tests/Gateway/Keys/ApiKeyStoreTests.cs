using Sutra.Contracts.Identity;
using Sutra.Gateway;
using Sutra.Gateway.Keys;
using Sutra.ServiceDefaults.Startup;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Keys;

[TestClass]
public sealed class ApiKeyStoreTests
{
    [TestMethod]
    public void The_first_start_makes_one_key_with_every_scope_and_keeps_only_its_hash()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder);

        var store = ApiKeyStore.Open(options, TimeProvider.System);

        var text = File.ReadAllText(options.FirstKeyPath).Trim();
        Assert.AreEqual(text, store.FirstKey);
        CollectionAssert.AreEquivalent(Permissions.All.ToArray(), store.Find(text)!.Scopes.ToArray());
        var kept = File.ReadAllText(options.KeysPath);
        StringAssert.Contains(kept, ApiKeyText.HexHash(text));
        Assert.DoesNotContain(text[^ApiKeyText.SecretLength..], kept);
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(options.FirstKeyPath));
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(options.KeysPath));
        }
    }

    [TestMethod]
    public void A_later_start_makes_no_key_even_when_the_first_one_was_removed_from_its_file()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder);
        var text = ApiKeyStore.Open(options, TimeProvider.System).FirstKey!;
        var kept = File.ReadAllText(options.KeysPath);
        File.Delete(options.FirstKeyPath);

        var store = ApiKeyStore.Open(options, TimeProvider.System);

        Assert.IsNull(store.FirstKey);
        Assert.IsNotNull(store.Find(text));
        Assert.IsFalse(File.Exists(options.FirstKeyPath));
        Assert.AreEqual(kept, File.ReadAllText(options.KeysPath));
    }

    [TestMethod]
    public void A_first_key_file_without_a_key_file_is_from_a_start_that_was_cut_short_and_is_made_anew()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder);
        File.WriteAllText(options.FirstKeyPath, "half a key");

        var store = ApiKeyStore.Open(options, TimeProvider.System);

        Assert.IsNotNull(store.Find(File.ReadAllText(options.FirstKeyPath).Trim()));
    }

    [TestMethod]
    public void A_corrupt_key_file_stops_the_start_and_is_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder);
        File.WriteAllText(options.KeysPath, "{ torn");

        Assert.ThrowsExactly<StartupException>(() => ApiKeyStore.Open(options, TimeProvider.System));

        Assert.AreEqual("{ torn", File.ReadAllText(options.KeysPath));
        Assert.IsFalse(File.Exists(options.FirstKeyPath), "a key was made in place of a file that is there");
    }

    [TestMethod]
    public void A_folder_in_the_place_of_the_key_file_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder);
        Directory.CreateDirectory(options.KeysPath);

        Assert.ThrowsExactly<StartupException>(() => ApiKeyStore.Open(options, TimeProvider.System));
    }

    [TestMethod]
    public void A_wrong_secret_a_wrong_id_and_a_changed_letter_find_nothing()
    {
        using var folder = new TemporaryFolder();
        var store = ApiKeyStore.Open(Options(folder), TimeProvider.System);
        var key = store.FirstKey!;
        var id = key.Substring(ApiKeyText.Prefix.Length, ApiKeyText.IdLength);

        Assert.IsNotNull(store.Find(key));
        Assert.IsNull(store.Find(ApiKeyText.New(id)));
        Assert.IsNull(store.Find(key.Replace(id, ApiKeyText.NewId(), StringComparison.Ordinal)));
        Assert.IsNull(store.Find(key[..^1] + (key[^1] == 'a' ? 'b' : 'a')));
        Assert.IsNull(store.Find(key + "a"));
        Assert.IsNull(store.Find(key.ToUpperInvariant()));
    }

    [TestMethod]
    public void An_added_key_counts_and_a_revoked_one_does_not_after_the_file_has_changed()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder);
        var store = ApiKeyStore.Open(options, TimeProvider.System);
        var added = ApiKeyText.NewId();
        var text = ApiKeyText.New(added);

        Assert.IsFalse(store.ReloadIfChanged());
        KeyFile.Write(options.KeysPath, [new ApiKey(added, "new", ApiKeyText.HexHash(text), [Permissions.Read], DateTimeOffset.UnixEpoch)], replace: true);

        Assert.IsTrue(store.ReloadIfChanged());
        Assert.AreEqual("new", store.Find(text)?.Name);
        Assert.IsNull(store.Find(store.FirstKey));
    }

    [TestMethod]
    [DataRow("{ torn")]
    [DataRow(null)]
    public void A_key_file_that_becomes_corrupt_or_vanishes_leaves_the_keys_in_force_and_is_reported_once(string? text)
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder);
        var store = ApiKeyStore.Open(options, TimeProvider.System);
        File.Delete(options.KeysPath);
        if (text is not null)
        {
            File.WriteAllText(options.KeysPath, text);
        }

        var failure = Assert.Throws<Exception>(() => store.ReloadIfChanged());
        Assert.IsTrue(failure is InvalidDataException or IOException, failure.GetType().Name);
        Assert.IsFalse(store.ReloadIfChanged(), "the same file was reported again");
        Assert.IsNotNull(store.Find(store.FirstKey));
    }

    private static GatewayOptions Options(TemporaryFolder folder) => new()
    {
        KeysPath = folder.File("keys.json"),
        FirstKeyPath = folder.File("first.key"),
    };
}
