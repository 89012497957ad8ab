using System.Xml.Linq;
using Sutra.Cli.Testing;

namespace Sutra.Tests.Cli;

[TestClass]
public sealed class TrxSummaryTests
{
    [TestMethod]
    public void Results_are_counted_and_skipped_tests_keep_their_reasons()
    {
        var summary = TrxSummary.Read(XDocument.Parse("""
            <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
              <Results>
                <UnitTestResult testName="good" outcome="Passed" />
                <UnitTestResult testName="rows" outcome="Passed">
                  <InnerResults>
                    <UnitTestResult testName="rows (1)" outcome="Passed" />
                    <UnitTestResult testName="rows (2)" outcome="Failed" />
                  </InnerResults>
                </UnitTestResult>
                <UnitTestResult testName="late" outcome="Timeout" />
                <UnitTestResult testName="no redis" outcome="NotExecuted">
                  <Output><ErrorInfo><Message>Assert.Inconclusive failed. redis-server is not installed.
            more</Message></ErrorInfo></Output>
                </UnitTestResult>
                <UnitTestResult testName="silent" outcome="NotExecuted" />
                <UnitTestResult testName="in a class that cannot start" outcome="NotExecuted">
                  <Output><ErrorInfo><Message>Class Initialization method A.StartAsync threw exception. AssertInconclusiveException: Assert.Inconclusive. postgres is not installed.</Message></ErrorInfo></Output>
                </UnitTestResult>
              </Results>
            </TestRun>
            """));

        Assert.AreEqual("2 passed, 2 failed, 3 skipped", summary.ToString());
        CollectionAssert.AreEqual(new[] { "rows (2)", "late" }, summary.FailedNames.ToArray());
        Assert.AreEqual(new SkippedTest("no redis", "redis-server is not installed."), summary.Skipped[0]);
        Assert.AreEqual("no reason given", summary.Skipped[1].Reason);
        Assert.AreEqual("postgres is not installed.", summary.Skipped[2].Reason);
        Assert.IsFalse(summary.Good);
    }

    [TestMethod]
    public void A_run_without_tests_is_not_good()
    {
        Assert.IsFalse(TrxSummary.Empty.Good);
        Assert.AreEqual("0 passed, 0 failed, 0 skipped", TrxSummary.Empty.ToString());
    }
}
