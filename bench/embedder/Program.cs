using System.CommandLine;
using System.Text.Json;
using Sutra.Bench.Embedder;

// dotnet run -c Release --project bench/embedder -- --help
var root = AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("artifacts", StringComparison.Ordinal)];
var model = new Option<DirectoryInfo>("--model") { Description = "Folder of the model", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(root, "models", "sutra-static")) };
var texts = new Option<FileInfo?>("--texts") { Description = "JSON list of texts; default: the sentences of the project's paraphrase tests" };
var rounds = new Option<int>("--rounds") { Description = "Rounds to take medians of", DefaultValueFactory = _ => 5 };
var seconds = new Option<int>("--seconds") { Description = "Length of the overload", DefaultValueFactory = _ => 60 };
var kind = new Option<string>("--kind") { Description = "Only the kinds whose name has this in it", DefaultValueFactory = _ => "" };
var noPeer = new Option<bool>("--no-peer") { Description = "Without Hugging Face's own tokenizers" };
var minutes = new Option<double>("--minutes") { Description = "Length of the soak", DefaultValueFactory = _ => 60 };

var bench = new RootCommand("Measures the embedder")
{
    Command("builtin", "In process against raw runs on ready ids, for static models", result => BuiltInBench.RunAsync(Folder(result), Sentences()), model),
    Command("peers", "In process and over HTTP against raw runs and @huggingface/transformers", result => PeersBench.RunAsync(root, Folder(result), TextsFile(result), Texts(result), result.GetValue(rounds)), model, texts, rounds),
    Command("latency", "One short text over HTTP against a raw run", result => LatencyBench.RunAsync(root, Folder(result), result.GetValue(rounds)), model, rounds),
    Command("bulk", "Batches of 64 over HTTP", result => BulkHttpBench.RunAsync(root, Folder(result), Texts(result)), model, texts),
    Command("tokenizer", "Every kind of tokenizer on one thread, beside Hugging Face's own", result => TokenizerBench.RunAsync(root, result.GetValue(rounds), result.GetValue(kind)!, !result.GetValue(noPeer)), rounds, kind, noPeer),
    Command("overload", "Ten times more than it can do", result => OverloadBench.RunAsync(root, Folder(result), Texts(result), result.GetValue(seconds)), model, texts, seconds),
    Command("soak", "A mixture for a long time", result => SoakBench.RunAsync(root, Folder(result), Texts(result), TimeSpan.FromMinutes(result.GetValue(minutes))), model, texts, minutes),
};
return await bench.Parse(args).InvokeAsync();

static Command Command(string name, string description, Func<ParseResult, Task> run, params Option[] options)
{
    var command = new Command(name, description);
    foreach (var option in options)
    {
        command.Options.Add(option);
    }

    command.SetAction((result, _) => run(result));
    return command;
}

string Folder(ParseResult result) => result.GetValue(model)!.FullName;

string TextsFile(ParseResult result) => result.GetValue(texts)?.FullName ?? WriteSentences();

string[] Texts(ParseResult result) => result.GetValue(texts) is { } file ? JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(file.FullName))! : Sentences();

string[] Sentences() => [.. File.ReadLines(Path.Combine(root, "Sutra.Tests", "Models", "paraphrase-triples.tsv")).SelectMany(line => line.Split('\t'))];

string WriteSentences()
{
    var file = Path.Combine(root, "artifacts", "bench-sentences.json");
    File.WriteAllText(file, JsonSerializer.Serialize(Sentences()));
    return file;
}
