using System.Globalization;
using Sutra.Examples.Finance;
using Sutra.Examples.Finance.Evaluate;

// Usage: evaluate --url http://localhost:8080 --key-file .sutra/first-key [--ingest] [--seed 7] [--questions 300] [--small] [--collection NAME] [--wrong] [--fit FILE --seeds 101,102]
var options = Options.Parse(args);
if (options is null)
{
    Console.Error.WriteLine("evaluate --url URL --key-file FILE [--ingest] [--seed N] [--questions N] [--small] [--collection NAME] [--wrong] [--fit FILE --seeds N,N]");
    return 2;
}

using var api = new ApiClient(options.Url, File.ReadAllText(options.KeyFile).Trim(), options.Collection);
IReadOnlyList<OhlcvRow> rows = options.IsSmall ? OhlcvCsv.ReadExample() : [.. MarketGenerator.GenerateLarge()];
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows.Count} rows of {rows.Select(row => row.Company).Distinct(StringComparer.Ordinal).Count()} companies"));
if (options.IsIngesting)
{
    await Ingest.RunAsync(api, rows);
}

if (options.FitFile is { } file)
{
    await Fitting.RunAsync(api, rows, options.FitSeeds, options.Questions, file);
    return 0;
}

var evaluation = await Asking.RunAsync(api, rows, FinanceQuestions.Generate(rows, options.Seed, options.Questions), options.ShowsWrong);
Console.WriteLine(evaluation.Report());
return 0;
