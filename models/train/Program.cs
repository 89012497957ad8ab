using System.CommandLine;
using Sutra.Models.Train;

var root = new RootCommand("Makes Sutra's built-in embedding models.") { ExtractCommand.Create(), BuildCommand.Create() };
return await root.Parse(args).InvokeAsync();
