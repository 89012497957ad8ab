using Sutra.Cli;
using Sutra.Cli.Lifecycle;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Cli;

[TestClass]
public sealed class CommandLineTests
{
    [TestMethod]
    [DataRow("up")]
    [DataRow("up -d")]
    [DataRow("up --detach --port 9000")]
    [DataRow("down")]
    [DataRow("status --port 9000")]
    [DataRow("test --filter FullyQualifiedName~Storage")]
    [DataRow("demo")]
    [DataRow("model pull all-MiniLM-L6-v2 --quantization int8")]
    [DataRow("model pull acme/model@main --store /tmp/models")]
    [DataRow("model list")]
    [DataRow("model verify")]
    [DataRow("verify")]
    [DataRow("verify --data /somewhere")]
    [DataRow("model rm all-MiniLM-L6-v2@1110a243")]
    public void These_are_commands(string line)
    {
        Assert.IsEmpty(Parse(line).Errors);
    }

    [TestMethod]
    [DataRow("up --port 0")]
    [DataRow("up --port 65536")]
    [DataRow("up --port eighty")]
    [DataRow("status --verbose")]
    [DataRow("sideways")]
    [DataRow("model")]
    [DataRow("model pull")]
    [DataRow("model pull a b")]
    [DataRow("model pull a --quantization int3")]
    [DataRow("model rm")]
    public void These_are_not(string line)
    {
        Assert.IsNotEmpty(Parse(line).Errors);
    }

    private static System.CommandLine.ParseResult Parse(string line) =>
        SutraCommand.Create(new Checkout(Repository.Root)).Parse(line);
}
