using System.Text.RegularExpressions;

namespace Aspire.Hosting.Orchestration;

/// <summary>Writes what happens to stdout: <c>name | a line of its log</c>, <c>name > a change of its state</c>.</summary>
internal sealed partial class ConsoleReporter
{
    private const string Reset = "\e[0m";
    private static readonly string[] s_colours = ["\e[36m", "\e[35m", "\e[34m", "\e[33m", "\e[32m", "\e[96m", "\e[95m", "\e[94m", "\e[93m", "\e[92m"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _prefixes = new(StringComparer.Ordinal);
    private readonly bool _colour =
        !Console.IsOutputRedirected && string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("NO_COLOR"));

    private int _width;

    /// <summary>Gives every name its colour and the same width.</summary>
    public void Introduce(IReadOnlyList<string> names)
    {
        _width = names.Count == 0 ? 0 : names.Max(n => n.Length);
        for (var i = 0; i < names.Count; i++)
        {
            _prefixes[names[i]] = Paint(names[i].PadRight(_width), s_colours[i % s_colours.Length]);
        }
    }

    public void Line(string name, string line) => Write($"{Prefix(name)} | {(_colour ? line : AnsiEscape().Replace(line, ""))}");

    public void State(string name, string text, bool good = true) => Write($"{Prefix(name)} > {(good ? text : Paint(text, "\e[31m"))}");

    public void Notice(string text) => Write(text);

    private string Prefix(string name) => _prefixes.TryGetValue(name, out var prefix) ? prefix : name.PadRight(_width);

    private string Paint(string text, string colour) => _colour ? colour + text + Reset : text;

    private void Write(string text)
    {
        lock (_lock)
        {
            try
            {
                Console.Out.WriteLine(text);
            }
            catch (IOException)
            {
                // Whoever read our output is gone; the application is not.
            }
        }
    }

    [GeneratedRegex(@"\e\[[0-9;?]*[ -/]*[@-~]")]
    private static partial Regex AnsiEscape();
}
