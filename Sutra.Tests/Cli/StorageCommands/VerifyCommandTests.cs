using Spectre.Console;
using Sutra.Cli.StorageCommands;
using Sutra.Storage.Collections;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Telemetry;

namespace Sutra.Tests.Cli.StorageCommands;

[TestClass]
public sealed class VerifyCommandTests
{
    [TestMethod]
    public async Task Every_collection_is_read_and_a_changed_byte_is_told()
    {
        using var folder = new TemporaryFolder();
        using (var store = Open(folder.Path))
        {
            store.Create("notes", new CollectionSettings());
            var notes = store.Get("notes");
            for (var i = 0; i < 60; i++)
            {
                await notes.LearnAsync(EngineHarness.Concept($"note {i}", [1, i, 3]));
            }

            await notes.UntilAsync(statistics => statistics.Segments > 0 && notes.IsSettled, "segments");
            Assert.AreEqual(1, Verify(folder.Path).ExitCode, "somebody has it open");
        }

        var before = Snapshot(folder.Path);
        var good = Verify(folder.Path);
        CollectionAssert.AreEqual(before, Snapshot(folder.Path), "nothing was changed");
        Assert.AreEqual(0, good.ExitCode, good.Output);
        StringAssert.Contains(good.Output, "default: 0 concepts");
        StringAssert.Contains(good.Output, "notes: 60 concepts");

        // The vectors of a segment are checked row by row, when they are read.
        var segment = Directory.GetFiles(folder.Path, "*.seg", SearchOption.AllDirectories)[0];
        var bytes = await File.ReadAllBytesAsync(segment);
        var payload = bytes.AsSpan().IndexOf("note 7"u8);
        bytes[payload] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
        var bad = Verify(folder.Path);
        Assert.AreEqual(1, bad.ExitCode, bad.Output);
        StringAssert.Contains(bad.Output, "fails its checksum");
        Assert.DoesNotContain("note 7", bad.Output);

        Assert.AreEqual(1, Verify(Path.Combine(folder.Path, "nothing")).ExitCode);
        Assert.IsFalse(Directory.Exists(Path.Combine(folder.Path, "nothing")));
    }

    private static CollectionStore Open(string path) => CollectionStore.Open(
        new DiskFileSystem(), new CollectionStoreOptions { Engine = new EngineOptions { DataPath = path, Segments = EngineHarness.Busy } }, TimeProvider.System, SharedTelemetry.Instance);

    private static List<string> Snapshot(string path) =>
    [
        .. Directory.GetFiles(path, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock").Order(StringComparer.Ordinal)
            .Select(file => $"{file} {File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}"),
    ];

    private static (int ExitCode, string Output) Verify(string path)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 500;
        return (VerifyCommand.Run(path, "/nowhere", console, CancellationToken.None), output.ToString());
    }
}
