using Sutra.Bench.Query;

// Questions at a fixed rate through the gateway of a running system (./sutra up).
var options = Options.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

using var system = new SutraSystem(options);
if (options.Fill > 0)
{
    await system.FillAsync(Data.Concepts(options.Fill));
}

return await new RateBench(system, options).RunAsync();
