using System.Security.Cryptography;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Masters;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

[TestClass]
public sealed class MasterKeyTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sutra-keys-").FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void A_key_is_read_from_a_file_raw_or_in_base64_and_has_the_same_id()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var expected = MasterKeyId.OfKey(key);
        foreach (var bytes in new[] { key, Text(Convert.ToBase64String(key)), Text($"  {Convert.ToBase64String(key)}\r\n") })
        {
            using var keys = FromFile(Write(bytes));
            Assert.AreEqual(expected, keys.Current);
        }
    }

    [TestMethod]
    public void A_file_without_a_key_is_refused_and_not_quoted()
    {
        foreach (var bytes in new[] { Text(""), Text("hunter2-hunter2"), new byte[31], new byte[33], Text(Convert.ToBase64String(new byte[31])), Text(new string('A', 5000)) })
        {
            var path = Write(bytes);
            var error = Assert.ThrowsExactly<MasterKeyException>(() => FromFile(path));
            Assert.Contains(path, error.Message);
            Assert.DoesNotContain("hunter2", error.Message);
            Assert.DoesNotContain("\n", error.Message);
        }

        Assert.ThrowsExactly<MasterKeyException>(() => FromFile(Path.Combine(_folder, "missing")));
        Assert.ThrowsExactly<MasterKeyException>(() => FromFile(_folder));
    }

    [TestMethod]
    [DataRow(UnixFileMode.GroupRead)]
    [DataRow(UnixFileMode.OtherRead)]
    [DataRow(UnixFileMode.GroupWrite)]
    public void A_file_that_others_may_use_is_refused(UnixFileMode others)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Windows has no such modes.");
            return;
        }

        var path = Write(RandomNumberGenerator.GetBytes(32));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | others);
        Assert.Contains("chmod 400", Assert.ThrowsExactly<MasterKeyException>(() => FromFile(path)).Message);

        // A link to it counts as what it leads to.
        var link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, path);
        Assert.ThrowsExactly<MasterKeyException>(() => FromFile(link));
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        FromFile(link).Dispose();
    }

    [TestMethod]
    public void A_key_is_read_from_the_environment_and_never_quoted()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        Environment.SetEnvironmentVariable("SUTRA_TEST_KEY", Convert.ToBase64String(key));
        Environment.SetEnvironmentVariable("SUTRA_TEST_BAD_KEY", "hunter2");
        using var keys = new EncryptionOptions { Mode = EncryptionMode.Content, KeyVariable = "SUTRA_TEST_KEY" }.OpenMasterKeys();
        Assert.AreEqual(MasterKeyId.OfKey(key), keys.Current);

        var bad = new EncryptionOptions { Mode = EncryptionMode.Content, KeyVariable = "SUTRA_TEST_KEY", OlderKeyVariables = ["SUTRA_TEST_BAD_KEY"] };
        var error = Assert.ThrowsExactly<MasterKeyException>(() => bad.OpenMasterKeys());
        Assert.Contains("SUTRA_TEST_BAD_KEY", error.Message);
        Assert.DoesNotContain("hunter2", error.Message);
        Assert.ThrowsExactly<MasterKeyException>(() => new EncryptionOptions { KeyVariable = "SUTRA_TEST_NO_KEY" }.OpenMasterKeys());
    }

    [TestMethod]
    public void What_a_key_wraps_only_it_unwraps_with_the_same_context()
    {
        using var one = RingHarness.Master(1);
        using var two = RingHarness.Master(2, 1);
        var secret = RandomNumberGenerator.GetBytes(64);
        var wrapped = one.Wrap(secret, "here"u8);
        Assert.AreEqual(-1, wrapped.AsSpan().IndexOf(secret.AsSpan(0, 8)));
        var opened = new byte[64];
        Assert.IsTrue(two.TryUnwrap(one.Current, wrapped, "here"u8, opened));
        CollectionAssert.AreEqual(secret, opened);
        Assert.IsFalse(two.TryUnwrap(two.Current, wrapped, "here"u8, opened));
        Assert.IsFalse(one.TryUnwrap(two.Current, wrapped, "here"u8, opened));
        Assert.IsFalse(one.TryUnwrap(one.Current, wrapped, "there"u8, opened));
        Assert.IsFalse(one.TryUnwrap(one.Current, wrapped.AsSpan(1), "here"u8, opened));
        Assert.AreNotEqual(one.Current, two.Current);
        Assert.DoesNotContain(Convert.ToHexString(RingHarness.KeyBytes(1)), one.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [TestMethod]
    public void A_ring_is_locked_and_rotated_by_a_key_service_that_never_shows_a_key()
    {
        var disk = new SimulatedDisk();
        var service = new Service();
        byte[] record;
        using (var ring = KeyRing.Open(disk, RingHarness.Folder, new KeyServiceSource(service, "keys/2025")))
        {
            record = ring.Seal(ring.KeyFor("a", "ann"), "ann");
        }

        Assert.ThrowsExactly<WrongMasterKeyException>(() => KeyRing.Open(disk, RingHarness.Folder, new KeyServiceSource(service, "keys/2026")));
        var both = new KeyServiceSource(service, "keys/2026", "keys/2025");
        using (var ring = KeyRing.Open(disk, RingHarness.Folder, both))
        {
            Assert.IsTrue(ring.NeedsRotation);
            ring.RotateMaster(both);
            ring.AssertOpens(record, "ann");
        }

        using (var ring = KeyRing.Open(disk, RingHarness.Folder, new KeyServiceSource(service, "keys/2026")))
        {
            ring.AssertOpens(record, "ann");
        }

        service.Down = true;
        var before = RingHarness.AllBytes(disk);
        var error = Assert.ThrowsExactly<MasterKeyException>(() => KeyRing.Open(disk, RingHarness.Folder, both));
        Assert.DoesNotContain("token", error.Message);
        CollectionAssert.AreEqual(before, RingHarness.AllBytes(disk));
    }

    [TestMethod]
    public void A_rotation_that_the_key_service_refuses_changes_nothing()
    {
        var disk = new SimulatedDisk();
        var service = new Service();
        var masters = new KeyServiceSource(service, "keys/2025");
        using var ring = KeyRing.Open(disk, RingHarness.Folder, masters);
        var before = RingHarness.AllBytes(disk);
        service.Down = true;
        Assert.ThrowsExactly<MasterKeyException>(() => ring.RotateMaster(new KeyServiceSource(service, "keys/2026")));
        CollectionAssert.AreEqual(before, RingHarness.AllBytes(disk));
        Assert.IsNull(ring.Failure);
        ring.KeyFor("a", "ann");
    }

    private static byte[] Text(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    private static IMasterKeySource FromFile(string path) =>
        new EncryptionOptions { Mode = EncryptionMode.Content, Source = MasterKeyOrigin.File, KeyFile = path }.OpenMasterKeys();

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, bytes);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    private sealed class Service : IKeyService
    {
        public bool Down { get; set; }

        public byte[] Wrap(string keyName, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> context)
        {
            using var key = Key(keyName);
            return key.Wrap(secret, context);
        }

        public byte[]? Unwrap(string keyName, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context)
        {
            using var key = Key(keyName);
            var secret = new byte[64];
            return key.TryUnwrap(key.Current, wrapped, context, secret) ? secret : null;
        }

        private MasterKeySet Key(string name) =>
            Down ? throw new HttpRequestException("401: token abc refused") : new MasterKeySet(SHA256.HashData(Text(name)));
    }
}
