using Sutra.Cli.Lifecycle;

namespace Sutra.Tests.Cli;

[TestClass]
public sealed class AppHostLaunchTests
{
    [TestMethod]
    public void The_launch_profile_s_variables_are_those_that_dotnet_run_would_set()
    {
        var variables = AppHostLaunch.ReadProfile("""
            {
              // the one that needs no certificate counts
              "profiles": {
                "https": { "commandName": "Project", "applicationUrl": "https://localhost:17000" },
                "http": {
                  "commandName": "Project",
                  "applicationUrl": "http://localhost:15000",
                  "environmentVariables": { "DOTNET_ENVIRONMENT": "Development", "ASPIRE_ALLOW_UNSECURED_TRANSPORT": "true" },
                },
              }
            }
            """);

        CollectionAssert.AreEquivalent(
            new Dictionary<string, string>
            {
                ["DOTNET_LAUNCH_PROFILE"] = "http",
                ["ASPNETCORE_URLS"] = "http://localhost:15000",
                ["DOTNET_ENVIRONMENT"] = "Development",
                ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
            }.ToArray(),
            variables.ToArray());
    }

    [TestMethod]
    public void No_profile_is_no_variable()
    {
        Assert.IsEmpty(AppHostLaunch.ReadProfile("{}"));
    }
}
