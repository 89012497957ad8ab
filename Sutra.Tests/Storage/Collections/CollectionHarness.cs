using Microsoft.Extensions.Logging;
using Sutra.Storage.Collections;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Tests.Storage.Encryption;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;
using Sutra.Tests.Storage.Telemetry;

namespace Sutra.Tests.Storage.Collections;

internal static class CollectionHarness
{
    public const string Folder = "/data/collections";
    public const string Catalog = "/data/catalog";

    public static CollectionStoreOptions Options(EncryptionMode mode = EncryptionMode.Off) => new()
    {
        Engine = new EngineOptions { DataPath = "/data", Segments = EngineHarness.Busy },
        Mode = mode,
        MasterKeys = () => RingHarness.Master(1),
    };

    public static CollectionStore Open(IFileSystem disk, EncryptionMode mode = EncryptionMode.Off, ILogger? logger = null, TimeProvider? time = null) =>
        CollectionStore.Open(disk, Options(mode), time ?? TimeProvider.System, SharedTelemetry.Instance, logger);

    /// <summary>Every file's name and bytes, the lock's aside.</summary>
    public static List<string> Snapshot(SimulatedDisk disk, string folder = "/data") =>
    [
        .. disk.ListFiles(folder).Select(name => $"{folder}/{name} {Convert.ToHexString(disk.Read($"{folder}/{name}"))}"),
        .. disk.ListFolders(folder).SelectMany(name => Snapshot(disk, $"{folder}/{name}")),
    ];

    public static string FolderOf(this CollectionStore store, string name) => $"{Folder}/{store.Describe(name).Id:N}";
}
