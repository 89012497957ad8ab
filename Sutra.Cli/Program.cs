using System.CommandLine;
using Sutra.Cli.Demo;

var root = new RootCommand("Sutra, a semantic memory.")
{
    DemoCommand.Create(
        Environment.CurrentDirectory,
        _ => Task.FromResult(new Uri("http://localhost:8080"))),
};
return await root.Parse(args).InvokeAsync();
