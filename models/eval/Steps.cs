using System.Globalization;
using System.Runtime.ExceptionServices;
using Spectre.Console;

namespace Sutra.Models.Eval;

/// <summary>What is being done: a spinner with counts where somebody watches, a line with its seconds when it is done.</summary>
internal sealed class Steps(IAnsiConsole console)
{
    public T Run<T>(string name, Func<Action<string>, T> work)
    {
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            var result = console.Profile.Capabilities.Interactive
                ? console.Status().Start(Markup.Escape(name), status => work(detail => status.Status(Markup.Escape($"{name}: {detail}"))))
                : work(_ => { });
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            // Past the console's line wrapping: a log file gets whole lines.
            console.Profile.Out.Writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {seconds:F1} s"));
            return result;
        }
        catch (AggregateException e) when (e.InnerException is not null)
        {
            // Thrown by a parallel loop; what went wrong is the first thing inside.
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }
}
