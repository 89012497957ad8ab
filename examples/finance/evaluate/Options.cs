using System.Globalization;

namespace Sutra.Examples.Finance.Evaluate;

internal sealed record Options(
    Uri Url, string KeyFile, bool IsIngesting, int Seed, int Questions, bool IsSmall, string? Collection, bool ShowsWrong, string? FitFile, IReadOnlyList<int> FitSeeds)
{
    /// <returns>Null: not understood.</returns>
    public static Options? Parse(string[] args)
    {
        var options = new Options(new Uri("http://localhost:8080"), ".sutra/first-key", false, 7, 300, false, null, false, null, [101, 102, 103, 104]);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--ingest":
                    options = options with { IsIngesting = true };
                    continue;
                case "--small":
                    options = options with { IsSmall = true };
                    continue;
                case "--wrong":
                    options = options with { ShowsWrong = true };
                    continue;
                case "--url" when Uri.TryCreate(value, UriKind.Absolute, out var url):
                    options = options with { Url = url };
                    break;
                case "--key-file":
                    options = options with { KeyFile = value };
                    break;
                case "--collection":
                    options = options with { Collection = value };
                    break;
                case "--fit":
                    options = options with { FitFile = value };
                    break;
                case "--seeds":
                    options = options with { FitSeeds = [.. value.Split(',').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture))] };
                    break;
                case "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                case "--questions" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var questions):
                    options = options with { Questions = questions };
                    break;
                default:
                    return null;
            }

            i++;
        }

        return options;
    }
}
