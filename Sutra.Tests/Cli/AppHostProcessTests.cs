using Sutra.Cli.Lifecycle;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Cli;

[TestClass]
public sealed class AppHostProcessTests
{
    [TestMethod]
    [DataRow("dotnet /srv/sutra/artifacts/bin/Sutra.AppHost/release/Sutra.AppHost.dll", "/", true)]
    [DataRow("/srv/sutra/artifacts/bin/Sutra.AppHost/debug/Sutra.AppHost", "/", true)]
    [DataRow("dotnet artifacts/bin/Sutra.AppHost/release/Sutra.AppHost.dll --Sutra:Port 1", "/srv/sutra", true)]
    [DataRow("dotnet ../artifacts/bin/Sutra.AppHost/release/Sutra.AppHost.dll", "/srv/sutra/Sutra.AppHost", true)]
    [DataRow("dotnet artifacts/bin/Sutra.AppHost/release/Sutra.AppHost.dll", "/srv/sutra-other", false)]
    [DataRow("dotnet /srv/sutra-other/artifacts/bin/Sutra.AppHost/release/Sutra.AppHost.dll", "/", false)]
    [DataRow("dotnet /srv/sutra/artifacts/bin/Sutra.Api/release/Sutra.Api.dll", "/", false)]
    [DataRow("vim /srv/sutra/Sutra.AppHost/AppHost.cs", "/srv/sutra", false)]
    [DataRow("sleep 1000", "/srv/sutra", false)]
    public void Only_this_checkout_s_AppHost_is_taken_for_it(string command, string workingFolder, bool expected)
    {
        Assert.AreEqual(expected, AppHostProcess.IsAppHost(command, workingFolder, "/srv/sutra"));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow("not a pid")]
    [DataRow("1")]
    [DataRow("-5")]
    [DataRow("99999999")]
    public void A_pid_file_without_a_running_AppHost_is_nobody(string? content)
    {
        using var folder = new TemporaryFolder();
        var checkout = new Checkout(folder.Path);
        Write(checkout, content);

        Assert.IsNull(AppHostProcess.Find(checkout));
    }

    [TestMethod]
    public async Task Down_leaves_a_foreign_process_alone_that_was_given_the_old_pid()
    {
        using var folder = new TemporaryFolder();
        var checkout = new Checkout(folder.Path);
        using var other = System.Diagnostics.Process.Start("sleep", "60");
        try
        {
            Write(checkout, $"{other.Id}\n");
            using var instance = new SutraInstance(checkout, TextWriter.Null);

            Assert.IsFalse(await instance.StopAsync());
            Assert.IsFalse(other.HasExited);
        }
        finally
        {
            other.Kill();
        }
    }

    [TestMethod]
    public void The_port_of_the_last_start_is_remembered()
    {
        using var folder = new TemporaryFolder();
        var checkout = new Checkout(folder.Path);
        Assert.AreEqual(8080, checkout.Port());

        checkout.RememberPort(9001);

        Assert.AreEqual(9001, new Checkout(folder.Path).Port());
    }

    [TestMethod]
    public void A_process_tree_is_a_process_and_all_below_it()
    {
        ProcessEntry[] processes = [new(5, 1, "a"), new(6, 5, "b"), new(7, 6, "c"), new(8, 1, "d"), new(9, 5, "e")];

        CollectionAssert.AreEqual(new[] { 5, 6, 9, 7 }, ProcessTable.Tree(processes, 5).Select(process => process.Id).ToArray());
    }

    [TestMethod]
    public void A_line_of_ps_is_read()
    {
        Assert.AreEqual(new ProcessEntry(501, 1, "/usr/bin/dotnet x.dll --port 1"), ProcessTable.ParsePs("  501     1 /usr/bin/dotnet x.dll --port 1"));
        Assert.IsNull(ProcessTable.ParsePs(""));
    }

    private static void Write(Checkout checkout, string? content)
    {
        if (content is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(checkout.PidFile)!);
            File.WriteAllText(checkout.PidFile, content);
        }
    }
}
