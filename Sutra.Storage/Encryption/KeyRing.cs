using System.Collections.Concurrent;
using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Encryption.Ring;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Files;

namespace Sutra.Storage.Encryption;

/// <summary>
/// The data keys, durable, locked by a master key from outside; seals and opens with them. Every member may be called by any
/// thread at any time; sealing and opening never wait for the disk's flushes. After a failed write or flush it takes no changes
/// until the next start, and goes on sealing and opening with the keys it has.
/// </summary>
public sealed partial class KeyRing : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _folder;
    private readonly ILogger? _logger;

    // One change of the file at a time, held over its flushes. Taken before _state, never after it.
    private readonly Lock _writing = new();

    // The index, which file is current, and what enters or leaves the cache: held for microseconds.
    private readonly Lock _state = new();
    private readonly RingIndex _index = new();
    private readonly ConcurrentDictionary<ulong, DataKey> _open = new();
    private readonly ScopeNames _names;
    private RingFile _file;
    private volatile Exception? _failure;

    private KeyRing(IFileSystem files, string folder, IMasterKeySource masters, bool mayCreate, ILogger? logger)
    {
        _files = files;
        _folder = folder;
        _logger = logger;
        if (Exists(files, folder))
        {
            _file = RingLoader.Open(files, folder, masters, _index.Load, out var repaired);
            if (repaired is not null && logger is not null)
            {
                Log.Repaired(logger, repaired);
            }
        }
        else if (mayCreate)
        {
            files.CreateFolder(folder);
            var header = new RingHeader(Guid.NewGuid(), masters.Current);
            var secrets = new RingSecrets(SecretBytes.Random(RingSecrets.Size), header.RingId);
            _file = RingFile.Create(files, folder, header, secrets, masters, 0, _ => { });
        }
        else
        {
            throw new KeyRingException($"There is no key ring in '{folder}', and what is stored needs one: restore it from its own backup.");
        }

        _names = new ScopeNames(_file.Secrets.NameKey);
        NeedsRotation = _file.Header.Master != masters.Current;
    }

    /// <summary>Locked with a master key that is no longer the current one: <see cref="RotateMaster"/> is due.</summary>
    public bool NeedsRotation { get; private set; }

    /// <summary>The master key that the file is locked with.</summary>
    public MasterKeyId Master
    {
        get
        {
            lock (_state)
            {
                return _file.Header.Master;
            }
        }
    }

    /// <summary>Why no change is taken any more; null while they are.</summary>
    public string? Failure => _failure?.Message;

    public KeyRingStatistics Statistics
    {
        get
        {
            lock (_state)
            {
                return new KeyRingStatistics(_index.Live, _index.Destroyed, _file.Bytes);
            }
        }
    }

    public static bool Exists(IFileSystem files, string folder)
    {
        try
        {
            return files.ListFiles(folder).Contains(RingFile.Name, StringComparer.Ordinal);
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Authenticates the whole ring, or makes an empty one. The caller holds the lock of the data folder.</summary>
    /// <param name="folder">Of the ring alone, as <c>keys</c> under the data folder.</param>
    /// <param name="masters">Asked once here; not kept.</param>
    /// <param name="mayCreate">False when there is sealed data already: then a missing ring is a lost one.</param>
    /// <exception cref="WrongMasterKeyException">Locked with a key that was not given. Nothing was changed.</exception>
    /// <exception cref="KeyRingCorruptException">Damaged. Nothing was changed.</exception>
    /// <exception cref="KeyRingException">Missing; or, as <see cref="MasterKeyException"/>, the key service fails.</exception>
    /// <exception cref="IOException">The folder cannot be read or written; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static KeyRing Open(IFileSystem files, string folder, IMasterKeySource masters, bool mayCreate = true, ILogger? logger = null) =>
        new(files, folder, masters, mayCreate, logger);

    public void Dispose()
    {
        lock (_writing)
        {
            _failure ??= new ObjectDisposedException(nameof(KeyRing));
            lock (_state)
            {
                Forget(_open.Keys);
                _file.Dispose();
                _names.Dispose();
            }
        }
    }

    // A failed change leaves what is on the disk unknown, and a second flush that succeeds would prove nothing.
    private void Change(Action change, Func<bool>? unchanged = null)
    {
        if (_failure is { } failure)
        {
            throw new KeyRingUnavailableException($"The key ring takes no changes until the next start: {failure.Message}", failure);
        }

        try
        {
            change();
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && unchanged?.Invoke() != true)
        {
            _failure = e;
            if (_logger is not null)
            {
                Log.Failed(_logger, e);
            }

            throw new KeyRingUnavailableException($"The key ring could not be changed, and takes no changes until the next start: {e.Message}", e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(360, LogLevel.Warning, "The key ring was not closed in order: {Repaired}. Nothing acknowledged was lost")]
        public static partial void Repaired(ILogger logger, string repaired);

        [LoggerMessage(361, LogLevel.Critical, "A write to the key ring failed: it takes no changes until the next start")]
        public static partial void Failed(ILogger logger, Exception e);

        [LoggerMessage(362, LogLevel.Information, "The key ring is locked with master key {Master} now; {Keys} keys were wrapped again")]
        public static partial void Rotated(ILogger logger, MasterKeyId master, long keys);

        [LoggerMessage(363, LogLevel.Information, "{Keys} keys were destroyed")]
        public static partial void Destroyed(ILogger logger, int keys);

        [LoggerMessage(364, LogLevel.Warning, "The header of the key ring before the rotation could not be overwritten; its master key opens what the file system still has of it")]
        public static partial void NotShredded(ILogger logger, Exception e);
    }
}

/// <param name="Live">Keys that seal or open.</param>
/// <param name="Destroyed">Keys that are remembered as destroyed.</param>
/// <param name="Bytes">Of the ring's file.</param>
public readonly record struct KeyRingStatistics(long Live, long Destroyed, long Bytes);
