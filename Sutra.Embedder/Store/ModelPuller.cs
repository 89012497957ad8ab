using System.Text;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Store;

/// <summary>How far a pull is.</summary>
/// <param name="File">The file at hand, relative to the model.</param>
/// <param name="Done">Bytes of the whole model that are here, earlier attempts' included; may fall when a part proves wrong.</param>
/// <param name="Total">Bytes of the whole model.</param>
public readonly record struct PullProgress(string File, long Done, long Total);

/// <summary>What a pull came to.</summary>
/// <param name="WasThere">Nothing was fetched: it was there, and every byte of it was checked again.</param>
/// <param name="Notes">What whoever pulled should know, a sentence each.</param>
public sealed record PullResult(StoredModel Model, bool WasThere, IReadOnlyList<string> Notes);

/// <summary>
/// Brings models from the hub into a store. Files are fetched beside the store's models, checked as they arrive, and become a model in
/// one rename; whatever goes wrong before leaves a part that the next attempt goes on with, never a model.
/// </summary>
public sealed class ModelPuller(ModelStore store, ModelCatalog catalog, HubOptions options, TimeProvider time)
{
    /// <summary>Left free beside the model.</summary>
    private const long DiskReserve = 64L << 20;

    /// <param name="precision">Default: the catalog's first, else the most exact one that is there.</param>
    /// <param name="waiting">Called when another process pulls the same model, before this one waits for it.</param>
    /// <exception cref="ModelStoreException">It is not there now, and why.</exception>
    public async Task<PullResult> PullAsync(
        ModelReference reference, ModelPrecision? precision, IProgress<PullProgress>? progress, Action? waiting, CancellationToken cancellation)
    {
        var entry = catalog.Find(reference.Name);
        var repository = Repository(reference, entry);
        var name = entry?.Id ?? repository;
        using var connection = new HubConnection(options, time);
        var hub = new Hub(connection);
        var download = new FileDownload(connection, options, time);
        var wanted = Revision(reference, entry);
        var revision = ModelReference.IsCommit(wanted)
            ? new HubRevision(wanted, null)
            : await RetryAsync(download, () => hub.ResolveAsync(repository, wanted, cancellation), cancellation);
        var pinned = string.Equals(entry?.Revision, revision.Commit, StringComparison.Ordinal) ? entry : null;

        // What is there needs no hub.
        if (await ThereAsync(name, revision.Commit, precision ?? pinned?.Quantizations[0].ToPrecision(), cancellation) is { } there)
        {
            return new PullResult(there, WasThere: true, []);
        }

        var listed = await RetryAsync(download, () => hub.ListAsync(repository, revision.Commit, cancellation), cancellation);
        var plan = PullPlan.Make(name, listed, precision, pinned, options);
        var partial = store.PartialName(name, revision.Commit, plan.Precision);
        using var held = await StoreLock.ExclusiveAsync(store.PullLockPath(partial), () => waiting?.Invoke(), time, cancellation);
        if (await ThereAsync(name, revision.Commit, plan.Precision, cancellation) is { } other)
        {
            return new PullResult(other, WasThere: true, []);
        }

        var staged = store.PartialPath(partial);
        CheckDisk(staged, plan);
        var files = await FetchAsync(hub, download, repository, revision.Commit, plan, staged, progress, cancellation);
        Tidy(staged, files);
        var folder = Open(name, staged, plan, entry);
        var manifest = new StoreManifest
        {
            Format = StoreManifest.CurrentFormat,
            Name = name,
            Repository = repository,
            Revision = revision.Commit,
            Precision = plan.Precision.ToName(),
            Source = hub.FileAddress(repository, revision.Commit, "").AbsoluteUri,
            Licence = entry?.Licence ?? revision.Licence,
            PulledAt = time.GetUtcNow(),
            ContentRevision = ModelIdentity.Of(folder, name).Revision,
            PipelineVersion = ModelIdentity.PipelineVersion,
            Files = files,
        };
        Write(Path.Combine(staged, StoreManifest.FileName), manifest.ToBytes());
        foreach (var path in Directory.EnumerateDirectories(staged, "*", SearchOption.AllDirectories).Append(staged))
        {
            FolderFlush.Flush(path);
        }

        return new PullResult(store.Publish(staged, manifest, plan.Precision), WasThere: false, [.. Notes(files, folder, entry)]);
    }

    private string Repository(ModelReference reference, CatalogEntry? entry)
    {
        if (entry is not null)
        {
            return entry.Repository ?? throw new ModelStoreException($"{entry.Id} comes with Sutra: there is nothing to pull.");
        }

        return ModelReference.IsRepository(reference.Name)
            ? reference.Name
            : throw new ModelStoreException(
                $"'{reference.Name}' is not in the catalog ({string.Join(", ", catalog.Entries.Where(known => known.Repository is not null).Select(known => known.Id))}); any other model is named by its repository, owner/name.");
    }

    private static string Revision(ModelReference reference, CatalogEntry? entry)
    {
        var wanted = reference.Revision ?? entry?.Revision ?? "main";
        return wanted.Length >= ModelReference.ShortestCommit && entry?.Revision?.StartsWith(wanted, StringComparison.Ordinal) == true ? entry.Revision : wanted;
    }

    private async Task<StoredModel?> ThereAsync(string name, string commit, ModelPrecision? precision, CancellationToken cancellation)
    {
        var model = store.FindAll(name, precision).FirstOrDefault(known => known.Revision == commit);
        return model is not null && precision is not null && await store.VerifyAsync(model, null, cancellation) is [] ? model : null;
    }

    private async Task<T> RetryAsync<T>(FileDownload download, Func<Task<T>> ask, CancellationToken cancellation)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await ask();
            }
            catch (PassingFailureException e) when (failures < options.Attempts)
            {
                await download.WaitAsync(e, failures, cancellation);
            }
            catch (PassingFailureException e)
            {
                throw new ModelStoreException($"{e.Message}; gave up after {failures} attempts.", e);
            }
        }
    }

    private async Task<IReadOnlyList<StoredFile>> FetchAsync(
        Hub hub, FileDownload download, string repository, string commit, PullPlan plan, string staged, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        var files = new List<StoredFile>();
        var before = 0L;
        var settingsChecked = false;
        foreach (var file in plan.Files)
        {
            if (!settingsChecked && !file.Path.EndsWith(".json", StringComparison.Ordinal))
            {
                CheckSettings(repository, staged);
                settingsChecked = true;
            }

            var target = Path.Combine(staged, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var sha256 = await download.FetchAsync(
                hub.FileAddress(repository, commit, file.Path), file, target, here => progress?.Report(new PullProgress(file.Path, before + here, plan.Bytes)), cancellation);
            files.Add(new StoredFile(file.Path, file.Size, sha256, file.Pinned));
            before += file.Size;
        }

        return files;
    }

    /// <summary>A model that we could not serve rightly is told before its weights are fetched.</summary>
    private static void CheckSettings(string repository, string staged)
    {
        try
        {
            var (_, pooling) = SentenceModules.ReadModules(staged);
            SentenceModules.ReadPooling(staged, pooling);
            SentenceModules.ReadPrompts(staged);
        }
        catch (ModelException e)
        {
            throw new ModelStoreException($"{repository}: {WithoutFolder(e.Message, staged)}", e);
        }
    }

    private static ModelFolder Open(string name, string staged, PullPlan plan, CatalogEntry? entry)
    {
        try
        {
            return ModelFolder.Open(staged, plan.Precision, entry?.ToHints());
        }
        catch (ModelException e)
        {
            throw new ModelStoreException($"{name}: {WithoutFolder(e.Message, staged)}", e);
        }
    }

    private static string WithoutFolder(string message, string folder) => message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

    /// <summary>What an earlier version of the plan left there does not become part of the model.</summary>
    private static void Tidy(string staged, IReadOnlyList<StoredFile> files)
    {
        var wanted = files.Select(file => Path.GetFullPath(Path.Combine(staged, file.Path))).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(staged, "*", SearchOption.AllDirectories).Where(path => !wanted.Contains(path)).ToList())
        {
            File.Delete(path);
        }
    }

    private static void Write(string path, byte[] content)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    private static IEnumerable<string> Notes(IReadOnlyList<StoredFile> files, ModelFolder folder, CatalogEntry? entry)
    {
        if (files.Any(file => !file.Pinned && file.Path.EndsWith(".onnx", StringComparison.Ordinal)))
        {
            yield return "The checksum of the weights is the hub's own at this commit, not one that the catalog pins; it is recorded in the manifest.";
        }

        if (!folder.PoolingIsKnown)
        {
            yield return entry is { Pooling: not "mean" }
                ? $"No file says how its token vectors are pooled, and the catalog says {entry.Pooling}: its vectors would be wrong."
                : "No file says how its token vectors are pooled: the mean is taken, which is wrong for some models.";
        }
    }

    private static void CheckDisk(string staged, PullPlan plan)
    {
        try
        {
            Directory.CreateDirectory(staged);
            var here = Directory.EnumerateFiles(staged, "*", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length);
            var free = new DriveInfo(staged).AvailableFreeSpace;
            var needed = plan.Bytes - here + DiskReserve;
            if (free < needed)
            {
                throw new ModelStoreException(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture, $"The disk has {free / 1e6:N0} MB free; {needed / 1e6:N0} MB are needed."));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"The store cannot be written: {e.Message}", e);
        }
    }
}
