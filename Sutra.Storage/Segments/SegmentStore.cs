using System.Numerics;
using Sutra.Storage.Encryption;
using Sutra.Storage.Files;

namespace Sutra.Storage.Segments;

/// <summary>The folder of segments and its manifest: what is there at start, and each change of it, whole or not at all.</summary>
internal sealed class SegmentStore
{
    private readonly IFileSystem _files;
    private readonly string _folder;
    private readonly ManifestFiles _manifests;
    private readonly SegmentOptions _options;
    private readonly CollectionSeal _seal;

    // What each segment's deletion file says: how many rows, and whether it must be rewritten.
    private readonly Dictionary<ulong, (uint Dead, bool MustBeRewritten)> _savedDead = [];
    private Manifest? _manifest;
    private long _nextNumber = 1;
    private bool _failed;

    private SegmentStore(IFileSystem files, string folder, SegmentOptions options, CollectionSeal seal)
    {
        _files = files;
        _folder = folder;
        _manifests = new ManifestFiles(files, folder);
        _options = options;
        _seal = seal;
    }

    /// <summary>The segments that were there at start. Each is held once, by whom this gives them to.</summary>
    public IReadOnlyList<Segment> Found { get; private set; } = [];

    /// <summary>The last record that segments hold.</summary>
    public ulong Checkpoint => _manifest?.Checkpoint ?? 0;

    /// <summary>The log that goes on from the segments; null when there has been no checkpoint.</summary>
    public Guid? LogId => _manifest?.LogId;

    /// <exception cref="SegmentCorruptException">What the manifest names is not there, or not what was written.</exception>
    public static SegmentStore Open(IFileSystem files, string dataFolder, SegmentOptions options, CollectionSeal? seal = null)
    {
        var folder = Path.Combine(dataFolder, SegmentNames.Folder);
        files.CreateFolder(folder);
        var store = new SegmentStore(files, folder, options, seal ?? CollectionSeal.Off);
        store._manifest = store._manifests.Load();
        if (store._manifest is { } manifest)
        {
            store._nextNumber = (long)manifest.NextNumber;
            store.Found = store.OpenAll(manifest);
        }

        return store;
    }

    /// <summary>Removes files that no manifest names: what a stop interrupted. After the log was found to agree.</summary>
    public void RemoveLeftovers()
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var segment in _manifest?.Segments ?? [])
        {
            named.Add(SegmentNames.OfSegment(segment.Number));
            named.Add(SegmentNames.OfDeletions(segment.Number, segment.Deletions));
        }

        foreach (var name in _files.ListFiles(_folder))
        {
            var isOurs = name.EndsWith(SegmentNames.Segment, StringComparison.Ordinal)
                || name.EndsWith(SegmentNames.Deletions, StringComparison.Ordinal)
                || name.EndsWith(SegmentNames.Aside, StringComparison.Ordinal);
            if (isOurs && !named.Contains(name))
            {
                _files.Delete(Path.Combine(_folder, name));
            }
        }

        RetireLeftovers();
    }

    // Keys of files that went without their keys, at a stop between the two.
    private void RetireLeftovers()
    {
        if (_seal.Ring is null || _manifest is not { } manifest)
        {
            return;
        }

        // The newest first: a stop leaves few, and lately.
        var named = manifest.Segments.Select(segment => segment.Number).ToHashSet();
        _seal.Retire(
            named.Select(number => SegmentSealing.FileOf(manifest.LogId, number)),
            Earlier(manifest.NextNumber).Where(number => !named.Contains(number)).Select(number => SegmentSealing.FileOf(manifest.LogId, number)));
    }

    private static IEnumerable<ulong> Earlier(ulong number)
    {
        while (number-- > 1)
        {
            yield return number;
        }
    }

    public SegmentBuilder NewSegment(Guid logId) => new(_files, _folder, logId, NextNumber(), _options.Graph, _seal);

    /// <summary>Opens what <see cref="SegmentBuilder.Finish"/> made.</summary>
    public Segment Open(Guid logId, ulong number, string path)
    {
        using var file = _files.Open(path);
        return Segment.Open(_files, _folder, logId, new SegmentReference(number, file.Length, Deletions: 0), _seal);
    }

    /// <summary>
    /// These segments, their removed rows as of now, and everything in the log after <paramref name="checkpoint"/> are the data from
    /// now on; on the disk when it returns. One call at a time.
    /// </summary>
    /// <exception cref="IOException">A write failed, now or before: what the disk holds is not known until the next start.</exception>
    public void Commit(Guid logId, IReadOnlyList<Segment> segments, ulong checkpoint)
    {
        if (_failed)
        {
            throw new IOException("An earlier change of the manifest failed.");
        }

        _failed = true;
        var before = _manifest ?? Manifest.Empty(logId);
        var references = segments.Select(segment => Refer(segment, before)).ToList();
        if (references.Any(reference => !before.Segments.Contains(reference)))
        {
            _files.FlushFolder(_folder);
        }

        var manifest = new Manifest(before.Generation + 1, logId, checkpoint, (ulong)Volatile.Read(ref _nextNumber), references);
        _manifests.Write(manifest);
        _manifest = manifest;
        _failed = false;
        foreach (var gone in _savedDead.Keys.Where(number => !references.Exists(now => now.Number == number)).ToList())
        {
            _savedDead.Remove(gone);
        }

        foreach (var old in before.Segments.Where(old => old.Deletions != 0 && !references.Exists(now => now.Deletions == old.Deletions)))
        {
            DeleteIfPossible(SegmentNames.OfDeletions(old.Number, old.Deletions));
        }
    }

    // The manifest counts already: what cannot be deleted now, the next start removes.
    private void DeleteIfPossible(string name)
    {
        try
        {
            _files.Delete(Path.Combine(_folder, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private SegmentReference Refer(Segment segment, Manifest before)
    {
        var known = before.Segments.FirstOrDefault(reference => reference.Number == segment.Number, new SegmentReference(segment.Number, segment.Length, 0));

        // In this order: what is marked while this looks is looked at again by the next commit.
        var mustBeRewritten = segment.MustBeRewritten;
        var words = segment.DeadWords();
        var state = (Dead: (uint)words.Sum(BitOperations.PopCount), mustBeRewritten);
        if (state == _savedDead.GetValueOrDefault(segment.Number))
        {
            return known;
        }

        var number = NextNumber();
        DeletionFile.Write(_files, Path.Combine(_folder, SegmentNames.OfDeletions(segment.Number, number)), segment.Number, segment.Rows, words, mustBeRewritten);
        _savedDead[segment.Number] = state;
        return known with { Deletions = number };
    }

    private List<Segment> OpenAll(Manifest manifest)
    {
        var segments = new List<Segment>();
        try
        {
            foreach (var reference in manifest.Segments)
            {
                var segment = Segment.Open(_files, _folder, manifest.LogId, reference, _seal);
                segments.Add(segment);
                _savedDead[segment.Number] = segment.Saved;
                if (segment.Language != _options.Language)
                {
                    throw new SegmentCorruptException($"'{segment.Path}' holds words as {segment.Language} has them, Storage:Language is {_options.Language}: the language cannot change once there are segments.");
                }
            }

            return segments;
        }
        catch (FileNotFoundException e)
        {
            segments.ForEach(segment => segment.Release());
            throw new SegmentCorruptException($"A file that the manifest names is missing: '{e.FileName ?? e.Message}'.", e);
        }
        catch
        {
            segments.ForEach(segment => segment.Release());
            throw;
        }
    }

    private ulong NextNumber() => (ulong)Interlocked.Increment(ref _nextNumber) - 1;
}
