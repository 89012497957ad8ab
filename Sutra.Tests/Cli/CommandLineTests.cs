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
    public void These_are_not(string line)
    {
        Assert.IsNotEmpty(Parse(line).Errors);
    }

    private static System.CommandLine.ParseResult Parse(string line) =>
        SutraCommand.Create(new Checkout(Repository.Root)).Parse(line);
}
