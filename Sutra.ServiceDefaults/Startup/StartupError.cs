using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sutra.ServiceDefaults.Startup;

/// <summary>
/// The frame of a <c>Program.cs</c>: whatever stops the service from starting becomes one line on standard error and exit
/// code 1, without a stack trace (set <c>STARTUP_ERROR_DETAIL=1</c> to see it).
/// </summary>
public static class StartupError
{
    public const string DetailVariable = "STARTUP_ERROR_DETAIL";

    /// <summary>Runs the service until it stops; the result is the process's exit code.</summary>
    public static int Run(Action service)
    {
        try
        {
            service();
            return Environment.ExitCode;
        }
        catch (Exception e) when (IsOurs(e, service.Method))
        {
            return Report(e);
        }
    }

    /// <inheritdoc cref="Run"/>
    public static async Task<int> RunAsync(Func<Task> service)
    {
        try
        {
            await service();
            return Environment.ExitCode;
        }
        catch (Exception e) when (IsOurs(e, service.Method))
        {
            return Report(e);
        }
    }

    /// <summary>The one line for <paramref name="error"/>: what is wrong, all validation failures joined, no type names where a message was meant for people.</summary>
    public static string Describe(Exception error) => OneLine(error switch
    {
        StartupException => error.Message,
        OptionsValidationException validation => string.Join("; ", validation.Failures),
        AggregateException several => string.Join("; ", several.Flatten().InnerExceptions.Select(Describe).Distinct(StringComparer.Ordinal)),
        _ when Find<StartupException>(error) is { } startup => startup.Message,
        _ when Find<OptionsValidationException>(error) is { } validation => string.Join("; ", validation.Failures),
        _ when Find<AddressInUseException>(error) is not null => $"{error.Message.TrimEnd('.')} (another process has the port)",
        IOException or UnauthorizedAccessException => error.Message,
        TargetInvocationException { InnerException: { } inner } => Describe(inner),
        _ => $"{error.GetType().Name}: {error.Message}",
    });

    // Tools and tests run the entry point inside their own process: they must see the exception itself.
    private static bool IsOurs(Exception error, MethodInfo program) =>
        error is not HostAbortedException && program.Module.Assembly == Assembly.GetEntryAssembly();

    private static int Report(Exception error)
    {
        var name = Assembly.GetEntryAssembly()?.GetName().Name;
        Console.Error.WriteLine($"{name} did not start: {Describe(error)}");
        if (Environment.GetEnvironmentVariable(DetailVariable) == "1")
        {
            Console.Error.WriteLine(error);
        }

        return 1;
    }

    private static T? Find<T>(Exception error)
        where T : Exception
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is T found)
            {
                return found;
            }
        }

        return null;
    }

    private static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var part in text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            line.Append(line.Length > 0 ? " " : "").Append(part);
        }

        return line.ToString();
    }
}
