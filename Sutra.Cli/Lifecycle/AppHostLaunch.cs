using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sutra.Cli.Lifecycle;

/// <summary>
/// How the AppHost is started: its program itself, so that signals reach it, with the environment that its launch profile would
/// have given it. That is all <c>dotnet run</c> does for it, with the real Aspire (whose dashboard needs those variables) or without.
/// </summary>
internal static class AppHostLaunch
{
    private const string Profile = "http";

    public static ProcessStartInfo Create(Checkout checkout, int port)
    {
        if (!File.Exists(checkout.AppHostProgram))
        {
            throw new CliException($"{checkout.AppHostProgram} is missing: build first (./sutra does).");
        }

        var start = new ProcessStartInfo(Dotnet(), [checkout.AppHostProgram])
        {
            WorkingDirectory = checkout.AppHostFolder,
            UseShellExecute = false,
        };
        var profile = Path.Combine(checkout.AppHostFolder, "Properties", "launchSettings.json");
        foreach (var (name, value) in ReadProfile(File.Exists(profile) ? File.ReadAllText(profile) : "{}"))
        {
            // As with dotnet run, what the caller has set wins.
            start.Environment.TryAdd(name, value);
        }

        start.Environment["Sutra__Port"] = port.ToString(CultureInfo.InvariantCulture);
        return start;
    }

    /// <summary>The variables of the profile <c>http</c>, which needs no developer certificate.</summary>
    public static IReadOnlyDictionary<string, string> ReadProfile(string json)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (!document.RootElement.TryGetProperty("profiles", out var profiles))
        {
            return variables;
        }

        if (!profiles.TryGetProperty(Profile, out var profile))
        {
            return variables;
        }

        variables["DOTNET_LAUNCH_PROFILE"] = Profile;
        if (profile.TryGetProperty("applicationUrl", out var urls))
        {
            variables["ASPNETCORE_URLS"] = urls.GetString() ?? "";
        }

        if (profile.TryGetProperty("environmentVariables", out var environment))
        {
            foreach (var variable in environment.EnumerateObject())
            {
                variables[variable.Name] = variable.Value.GetString() ?? "";
            }
        }

        return variables;
    }

    /// <summary>The <c>dotnet</c> that runs this program.</summary>
    public static string Dotnet() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
}
