using Sutra.Bench.Embedder;

// dotnet run -c Release --project bench/embedder [-- model folder]
// Texts a second through the embedder's own path, tokenizer included, beside raw runs of the same model on ready ids: the floor.
var root = AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("artifacts", StringComparison.Ordinal)];
var folder = args.FirstOrDefault() ?? Path.Combine(root, "models", "sutra-static");
var sentences = File.ReadLines(Path.Combine(root, "Sutra.Tests", "Models", "paraphrase-triples.tsv")).SelectMany(line => line.Split('\t')).ToArray();
Console.WriteLine($"{Environment.ProcessorCount} cores, {Path.GetFileName(folder)}, {sentences.Length} sentences, {sentences.Average(s => s.Length):F0} characters on average");

using var bench = new ThroughputBench(folder, sentences);
await bench.RunAsync();
bench.RunLongTexts();
