using System.Globalization;
using System.Text;

namespace Sutra.Client.Http;

internal static class Paths
{
    public static string Segment(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);

        // A name that is only dots would be taken for a step in the path.
        return value is "." or ".." ? throw new ArgumentException("It is no name.", nameof(value)) : Uri.EscapeDataString(value);
    }

    /// <summary>With what is not null as query string.</summary>
    public static string With(this string path, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var all = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                var text = value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture)!;
                all.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(text));
                separator = '&';
            }
        }

        return all.ToString();
    }
}
