using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Sutra.Contracts.Identity;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Client;

[TestClass]
[TestCategory("Slow")]
public sealed class PackageTests
{
    private const string Version = "0.0.0-test";

    [TestMethod]
    public async Task A_new_project_uses_the_package_and_nothing_else_of_this_repository()
    {
        using var folder = new TemporaryFolder();
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        await RunAsync(Repository.Root, null, "pack", "Sutra.Client/Sutra.Client.csproj", "--no-build", "-c", configuration, $"-p:PackageVersion={Version}", "-o", folder.File("feed"));
        Directory.CreateDirectory(folder.File("app"));
        await File.WriteAllTextAsync(folder.File("app/app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
              <ItemGroup><PackageReference Include="Sutra.Client" Version="{Version}" /></ItemGroup>
            </Project>
            """);

        // Nothing but the package that was made now; what it stands on is in the machine's cache since this repository was restored.
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(folder.File("app/nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="local" value="../feed" /></packageSources>
              <fallbackPackageFolders><clear /><add key="machine" value="{cache}" /></fallbackPackageFolders>
            </configuration>
            """);
        await File.WriteAllTextAsync(folder.File("app/Program.cs"), """
            using Sutra.Client;

            using var http = new HttpClient { BaseAddress = new Uri(args[0]) };
            http.DefaultRequestHeaders.Add(args[1], args[2]);
            using var sutra = new SutraClient(http);
            var learned = await sutra.LearnAsync("The kettle boils in three minutes.");
            await foreach (var part in sutra.QueryStreamAsync(new("When does the kettle boil?")))
            {
                if (part is QueryDone { Response: var answer })
                {
                    Console.WriteLine(answer.Evidence[0].ConceptId == learned.ConceptId ? "It works." : "It does not.");
                }
            }
            """);
        await using var api = await ApiUnderTest.StartAsync();
        var address = api.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var token = new InternalToken(ApiUnderTest.IdentityKey, TimeSpan.FromMinutes(10), TimeProvider.System).Mint(new CallerIdentity("key:alice", [Permissions.Read, Permissions.Write]));
        var said = await RunAsync(folder.File("app"), folder.File("packages"), "run", "-c", "Release", "--", address, InternalToken.Header, token);
        StringAssert.Contains(said, "It works.");
    }

    private static async Task<string> RunAsync(string folder, string? packages, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (packages is not null)
        {
            start.Environment["NUGET_PACKAGES"] = packages;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.AreEqual(0, process.ExitCode, $"dotnet {arguments[0]}: {await output}{await errors}");
        return await output;
    }
}
