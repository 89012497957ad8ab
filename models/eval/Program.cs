using System.CommandLine;
using Sutra.Models.Eval;

var root = new RootCommand("Measures embedding models on texts that they were not trained on.") { RunCommand.Create() };
return await root.Parse(args).InvokeAsync();
