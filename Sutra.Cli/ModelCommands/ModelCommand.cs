using System.CommandLine;
using Spectre.Console;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;

namespace Sutra.Cli.ModelCommands;

/// <summary><c>sutra model pull | list | verify | rm</c>: models of the hub in this machine's store.</summary>
internal static class ModelCommand
{
    /// <param name="defaultStore">Where the store is unless <c>--store</c> or <c>Embedder__StorePath</c> says otherwise.</param>
    public static Command Create(string defaultStore)
    {
        var store = new Option<string?>("--store") { Description = "Folder of the models; default: Embedder__StorePath, else .sutra/models.", Recursive = true };
        ModelShelf Open(ParseResult parsed) => ModelShelf.Open(parsed.GetValue(store), defaultStore);
        return new Command("model", "Fetch embedding models, and see and remove what is there.")
        {
            store,
            Pull(Open),
            List(Open),
            Verify(Open),
            Remove(Open),
        };
    }

    private static Command Pull(Func<ParseResult, ModelShelf> open)
    {
        var model = new Argument<string>("model") { Description = "A model of the catalog, or owner/name of any on the hub; @revision for a certain one." };
        var quantization = Quantization("fp32 (the default where there is one), int8, uint8, fp16, q4, q4f16 or bnb4.");
        var command = new Command("pull", "Download a model; a download that was cut off goes on where it was.") { model, quantization };
        command.SetAction((parsed, cancellation) => RunAsync(cancellation, async () =>
        {
            var console = Terminal.Console();
            var shelf = open(parsed);
            var result = await PullRun.RunAsync(shelf, Reference(parsed.GetValue(model)!), Precision(parsed.GetValue(quantization)), console, cancellation);
            ModelReport.Write(console, result);
            return 0;
        }));
        return command;
    }

    private static Command List(Func<ParseResult, ModelShelf> open)
    {
        var command = new Command("list", "Show the models in the store, and those of the catalog that can be pulled.");
        command.SetAction((parsed, cancellation) => RunAsync(cancellation, () =>
        {
            var shelf = open(parsed);
            ModelReport.Write(Terminal.Console(), shelf.Catalog, shelf.Store, TimeProvider.System.GetUtcNow());
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command Verify(Func<ParseResult, ModelShelf> open)
    {
        var model = new Argument<string?>("model") { Description = "Default: all.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("verify", "Read every byte of the models again and compare checksums; exit code 1 when something is wrong.") { model };
        command.SetAction((parsed, cancellation) => RunAsync(cancellation, async () =>
        {
            var shelf = open(parsed);
            var name = parsed.GetValue(model);
            var console = Terminal.Console();
            var good = true;
            foreach (var stored in name is null ? shelf.Store.List() : shelf.Find(name))
            {
                var problems = await shelf.Store.VerifyAsync(stored, null, cancellation);
                ModelReport.Write(console, stored, problems);
                good &= problems.Count == 0;
            }

            foreach (var broken in shelf.Broken(name))
            {
                console.MarkupLineInterpolated($"[red]✗[/] {broken}: its manifest or a file is missing or of another size");
                good = false;
            }

            return good ? 0 : 1;
        }));
        return command;
    }

    private static Command Remove(Func<ParseResult, ModelShelf> open)
    {
        var model = new Argument<string>("model") { Description = "Its name, with or without @revision: all that the name means is removed." };
        var quantization = Quantization("Only this precision.");
        var command = new Command("rm", "Remove a model from the store; one that is in use stays.") { model, quantization };
        command.SetAction((parsed, cancellation) => RunAsync(cancellation, () =>
        {
            var shelf = open(parsed);
            var name = parsed.GetValue(model)!;
            var precision = Precision(parsed.GetValue(quantization));
            var console = Terminal.Console();
            var good = true;
            var broken = precision is null ? shelf.Broken(name) : [];
            foreach (var stored in broken.Count > 0 ? shelf.Store.FindAll(name, precision) : shelf.Find(name, precision))
            {
                var removed = shelf.Store.Remove(stored);
                console.WriteLine(removed ? $"removed {stored.Id} {stored.Precision.ToName()}" : $"{stored.Id} {stored.Precision.ToName()} is in use and stays");
                good &= removed;
            }

            foreach (var folder in broken)
            {
                good &= shelf.Store.RemoveBroken(folder);
                console.WriteLine($"removed {folder}");
            }

            return Task.FromResult(good ? 0 : 1);
        }));
        return command;
    }

    private static Option<string?> Quantization(string description)
    {
        var option = new Option<string?>("--quantization") { Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ModelPrecisions.TryParse(token.Value, out _))
            {
                result.AddError($"--quantization must be one of {string.Join(", ", ModelPrecisions.Names)}.");
            }
        });
        return option;
    }

    private static ModelPrecision? Precision(string? name) => ModelPrecisions.TryParse(name, out var precision) ? precision : null;

    private static ModelReference Reference(string text) =>
        ModelReference.TryParse(text, out var reference)
            ? reference
            : throw new ModelStoreException($"'{text}' is no model: write a name of the catalog, or owner/name, with or without @revision.");

    private static async Task<int> RunAsync(CancellationToken cancellation, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("sutra model: stopped; what arrived is kept, and the same command goes on from there.");
            return 130;
        }
        catch (Exception e) when (e is ModelStoreException or ModelException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"sutra model: {e.Message}");
            return 1;
        }
    }
}
