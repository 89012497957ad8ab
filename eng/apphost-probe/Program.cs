using Sutra.AppHostProbe;

if (args.FirstOrDefault(a => a.StartsWith("scenario=", StringComparison.Ordinal)) is { } scenario)
{
    try
    {
        var builder = DistributedApplication.CreateBuilder(args);
        Scenarios.Build(scenario["scenario=".Length..], builder);
        builder.Build().Run();
        return Environment.ExitCode;
    }
    catch (DistributedApplicationException e)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
}

WebProgram.Run();
return 0;
