using System.Diagnostics;
using Sutra.Bench.Storage;
using Sutra.Bench.Storage.Lexical;
using Sutra.Bench.Storage.Vectors;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Telemetry;

// dotnet run -c Release --project bench/storage [-- folder on the disk to measure]
// dotnet run -c Release --project bench/storage -- vectors DATA [--parts build,search,load,filters,changes] [--engines int8,float32,hnswlib] [--threads 1]
// dotnet run -c Release --project bench/storage -- seal [subjects]
// dotnet run -c Release --project bench/storage -- lexical TEXTS [--count 200000]
if (args is ["lexical", _, ..])
{
    LexicalBench.Run(args[1..], FindRoot());
    return 0;
}

if (args is ["vectors", _, ..])
{
    VectorsBench.Run(args[1..], FindRoot());
    return 0;
}

// dotnet run -c Release --project bench/storage -- extract
if (args is ["extract"])
{
    ExtractBench.Run();
    return 0;
}

// dotnet run -c Release --project bench/storage -- associations
if (args is ["associations"])
{
    var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"sutra-bench-{Environment.ProcessId}"));
    try
    {
        await AssociationBench.RunAsync(folder.FullName);
    }
    finally
    {
        folder.Delete(recursive: true);
    }

    return 0;
}

// dotnet run -c Release --project bench/storage -- engine DATA [--folder FOLDER] [--rows N] [--parts start,filters]
if (args is ["engine", _, ..])
{
    await EngineBench.RunAsync(args[1..]);
    return 0;
}

// dotnet run -c Release --project bench/storage -- soak DATA [--folder FOLDER] [--rows N] [--minutes 30] [--writers 4] [--searchers 1]
if (args is ["soak", _, ..])
{
    return await SoakBench.RunAsync(args[1..]);
}

var seal = args is ["seal", ..];
var root = Directory.CreateDirectory(Path.Combine(seal ? Path.GetTempPath() : args.FirstOrDefault() ?? Path.GetTempPath(), $"sutra-bench-{Environment.ProcessId}"));
try
{
    if (seal)
    {
        SealBench.Run(root.FullName, args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
        return 0;
    }

    Console.WriteLine($"{Environment.ProcessorCount} cores, {System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}, data on {root.FullName}");
    DiskBench.Run(Path.Combine(root.FullName, "flush"));

    foreach (var clients in new[] { 1, 8, 64 })
    {
        using var telemetry = new StorageTelemetry();
        using var engine = ConceptEngine.Open(new DiskFileSystem(), new EngineOptions { DataPath = Path.Combine(root.FullName, $"learn-{clients}") }, TimeProvider.System, telemetry);
        await LearnBench.RunAsync("in process", clients, concept => engine.LearnAsync(concept));
    }

    using (var service = await StorageServer.StartAsync(Path.Combine(root.FullName, "grpc")))
    {
        foreach (var clients in new[] { 1, 8, 64 })
        {
            await LearnBench.RunAsync("over gRPC", clients, service.LearnAsync);
        }
    }

    foreach (var count in new[] { 2_000, 100_000 })
    {
        await SearchBench.RunAsync(Path.Combine(root.FullName, $"search-{count}"), count);
    }
}
finally
{
    root.Delete(recursive: true);
}

return 0;

static string FindRoot()
{
    var folder = new DirectoryInfo(AppContext.BaseDirectory);
    while (!File.Exists(Path.Combine(folder.FullName, "Sutra.sln")))
    {
        folder = folder.Parent ?? throw new InvalidOperationException("Not inside the repository.");
    }

    return folder.FullName;
}
