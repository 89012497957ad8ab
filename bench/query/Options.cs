using System.Globalization;

namespace Sutra.Bench.Query;

/// <param name="Fill">Concepts to learn first, into a new collection; 0: it is there.</param>
/// <param name="Rate">Questions a second.</param>
internal sealed record Options(Uri Url, string KeyFile, string Collection, int Fill, int Rate, int Seconds)
{
    public const string Usage = "query [--url http://localhost:8080] [--key-file .sutra/first-key] [--collection bench-query] [--fill 100000] [--rate 50] [--seconds 60]";

    /// <returns>Null: not understood.</returns>
    public static Options? Parse(string[] args)
    {
        var options = new Options(new Uri("http://localhost:8080"), ".sutra/first-key", "bench-query", 0, 50, 60);
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var number = int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
            Options? next = args[i] switch
            {
                "--url" when Uri.TryCreate(args[i + 1], UriKind.Absolute, out var url) => options with { Url = url },
                "--key-file" => options with { KeyFile = args[i + 1] },
                "--collection" => options with { Collection = args[i + 1] },
                "--fill" when number > 0 => options with { Fill = number },
                "--rate" when number > 0 => options with { Rate = number },
                "--seconds" when number > 0 => options with { Seconds = number },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
        }

        return args.Length % 2 == 0 ? options : null;
    }
}
