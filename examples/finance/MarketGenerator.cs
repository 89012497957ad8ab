namespace Sutra.Examples.Finance;

/// <summary>Invents a stock market: eight companies, 250 trading days each, a random walk. The same seed gives the same rows on every machine.</summary>
public static class MarketGenerator
{
    public const ulong DefaultSeed = 20250102;

    public const int TradingDays = 250;

    private static readonly DateOnly FirstDay = new(2025, 1, 2);

    /// <summary>All fictional. Volatility is per day; drift is what a year would add if nothing else happened.</summary>
    private static readonly Company[] Companies =
    [
        new("Aldervane Robotics", "ALVR", 184.20, 0.021, 0.14, 3_400_000),
        new("Brightmoor Energy", "BRME", 62.75, 0.016, 0.05, 5_900_000),
        new("Cindermill Steel", "CDML", 37.40, 0.019, -0.08, 2_150_000),
        new("Dovetail Foods", "DVTF", 91.10, 0.009, 0.06, 1_250_000),
        new("Emberlin Pharma", "EMBP", 128.65, 0.026, 0.10, 2_800_000),
        new("Fernhollow Timber", "FNHT", 24.90, 0.014, -0.03, 940_000),
        new("Galewick Shipping", "GLWK", 45.30, 0.018, 0.02, 1_700_000),
        new("Halcyra Software", "HLCY", 312.50, 0.023, 0.18, 4_600_000),
    ];

    /// <summary>Company by company, each from the first day to the last; weekends have no trading.</summary>
    public static IEnumerable<OhlcvRow> Generate(ulong seed = DefaultSeed)
    {
        var random = new SeededRandom(seed);
        foreach (var company in Companies)
        {
            var previousClose = company.StartPrice;
            var date = FirstDay;
            for (var day = 0; day < TradingDays; day++, date = date.AddDays(1))
            {
                while (date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
                {
                    date = date.AddDays(1);
                }

                yield return Trade(company, date, random, ref previousClose);
            }
        }
    }

    private static OhlcvRow Trade(Company company, DateOnly date, SeededRandom random, ref double previousClose)
    {
        var volatility = company.DailyVolatility;
        var move = volatility * random.NextGaussian();
        var open = previousClose * (1 + (0.3 * volatility * random.NextGaussian()));
        var close = open * (1 + (company.YearlyDrift / TradingDays) + move);
        var high = Math.Max(open, close) * (1 + (0.4 * volatility * Math.Abs(random.NextGaussian())));
        var low = Math.Min(open, close) * (1 - (0.4 * volatility * Math.Abs(random.NextGaussian())));

        // Busy days are those when the price moves.
        var activity = Math.Max(0.3, 0.8 + (0.2 * random.NextGaussian()) + (0.25 * Math.Abs(move) / volatility));
        previousClose = close;
        return new OhlcvRow(company.Name, company.Ticker, date, Cents(open), Cents(high), Cents(low), Cents(close), (long)(company.AverageVolume * activity));
    }

    private static decimal Cents(double price) => Math.Round((decimal)price, 2, MidpointRounding.AwayFromZero);

    private sealed record Company(string Name, string Ticker, double StartPrice, double DailyVolatility, double YearlyDrift, double AverageVolume);

    /// <summary>SplitMix64 and sums of uniforms: only operations that every platform rounds alike.</summary>
    private sealed class SeededRandom(ulong state)
    {
        private ulong _state = state;

        public double NextGaussian()
        {
            var sum = 0.0;
            for (var i = 0; i < 12; i++)
            {
                sum += (NextBits() >> 11) * (1.0 / (1UL << 53));
            }

            return sum - 6.0;
        }

        private ulong NextBits()
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
