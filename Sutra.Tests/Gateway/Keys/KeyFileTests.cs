using System.Text.Json;
using Sutra.Contracts.Identity;
using Sutra.Gateway.Keys;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Gateway.Keys;

[TestClass]
public sealed class KeyFileTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [TestMethod]
    public void What_was_written_is_read_again()
    {
        using var folder = new TemporaryFolder();
        ApiKey[] keys = [Key("abcdefghijkl"), Key("ABCDEFGHIJKL") with { Name = "łódź \"quoted\"", Scopes = [Permissions.Read] }];

        KeyFile.Write(folder.File("keys.json"), keys, replace: false);

        var read = KeyFile.Read(folder.File("keys.json"));
        Assert.HasCount(2, read);
        foreach (var (expected, actual) in keys.Zip(read))
        {
            Assert.AreEqual(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
        }
    }

    [TestMethod]
    public void Only_its_owner_may_read_it_and_its_folder()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Windows has no Unix file modes.");
            return;
        }

        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "made", "here", "keys.json");

        KeyFile.Write(path, [Key("abcdefghijkl")], replace: false);

        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [TestMethod]
    public void A_reader_meets_the_old_file_or_the_new_one_and_never_a_part()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("keys.json");
        ApiKey[] few = [Key("abcdefghijkl")];
        ApiKey[] many = [.. Enumerable.Range(0, 300).Select(i => Key($"{i:D12}"))];
        KeyFile.Write(path, few, replace: false);

        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < 60; i++)
            {
                KeyFile.Write(path, i % 2 == 0 ? many : few, replace: true);
            }

            stop.Cancel();
        });
        var reads = 0;
        while (!stop.IsCancellationRequested || reads == 0)
        {
            Assert.Contains(KeyFile.Read(path).Count, new[] { 1, 300 });
            reads++;
        }

        writer.GetAwaiter().GetResult();
        Assert.HasCount(1, Directory.GetFiles(folder.Path, "*", new EnumerationOptions { AttributesToSkip = 0 }), "a temporary file was left");
    }

    [TestMethod]
    public void An_existing_file_is_not_replaced_unless_that_was_meant()
    {
        using var folder = new TemporaryFolder();
        KeyFile.Write(folder.File("keys.json"), [Key("abcdefghijkl")], replace: false);

        Assert.ThrowsExactly<IOException>(() => KeyFile.Write(folder.File("keys.json"), [], replace: false));

        Assert.HasCount(1, KeyFile.Read(folder.File("keys.json")));
        Assert.HasCount(1, Directory.GetFiles(folder.Path, "*", new EnumerationOptions { AttributesToSkip = 0 }), "a temporary file was left");
    }

    [TestMethod]
    [DataRow("", "not valid JSON")]
    [DataRow("{", "not valid JSON")]
    [DataRow("[]", "not valid JSON")]
    [DataRow("null", "version is not 1")]
    [DataRow("{}", "version is not 1")]
    [DataRow("""{"version":2,"keys":[]}""", "version is not 1")]
    [DataRow("""{"version":1}""", "no \"keys\"")]
    [DataRow("""{"version":1,"keys":[null]}""", "key 1 is empty")]
    [DataRow("""{"version":1,"keys":[{"id":"abcdefghijkl","scopes":[]}]}""", "key 1 lacks")]
    [DataRow("""{"version":1,"keys":[{"id":"abc","hash":"HASH","scopes":[]}]}""", "key 1 has an id")]
    [DataRow("""{"version":1,"keys":[{"id":"abcdefghijkl","hash":"12","scopes":[]}]}""", "key 1 has a hash")]
    [DataRow("""{"version":1,"keys":[{"id":"abcdefghijkl","hash":"HASH","scopes":["root"]}]}""", "unknown scope 'root'")]
    [DataRow("""{"version":1,"keys":[{"id":"abcdefghijkl","hash":"HASH","scopes":[]},{"id":"abcdefghijkl","hash":"HASH","scopes":[]}]}""", "key 2 has the id of an earlier key")]
    public void A_file_that_is_not_a_key_file_is_refused_by_name_and_reason(string text, string reason)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("keys.json"), text.Replace("HASH", Hash, StringComparison.Ordinal));

        var refusal = Assert.ThrowsExactly<InvalidDataException>(() => KeyFile.Read(folder.File("keys.json")));

        StringAssert.Contains(refusal.Message, folder.File("keys.json"));
        StringAssert.Contains(refusal.Message, reason);
    }

    private static ApiKey Key(string id) => new(id, "name", Hash, Permissions.All, DateTimeOffset.UnixEpoch);
}
