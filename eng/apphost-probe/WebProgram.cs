using System.Collections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Sutra.AppHostProbe;

/// <summary>The program behind the scenarios' project resources: tells what it sees, and ends when told to.</summary>
internal static class WebProgram
{
    public static void Run()
    {
        var app = WebApplication.CreateBuilder().Build();
        app.MapGet("/", () => Environment.ProcessId.ToString());
        app.MapGet("/health", () => Results.Ok());
        app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value));
        app.MapGet("/exit/{code:int}", (int code) => Environment.Exit(code));
        app.Run();
    }
}
