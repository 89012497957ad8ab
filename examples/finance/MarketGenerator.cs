namespace Sutra.Examples.Finance;

/// <summary>
/// Invents a stock market: eight companies, 250 trading days each, or 25 companies and 1,250 days; a random walk. The same seed gives the same rows on every machine.
/// </summary>
public static class MarketGenerator
{
    public const ulong DefaultSeed = 20250102;

    public const int TradingDays = 250;

    /// <summary>Of the larger market: five years.</summary>
    public const int LargeTradingDays = 5 * TradingDays;

    private static readonly DateOnly FirstDay = new(2025, 1, 2);
    private static readonly DateOnly LargeFirstDay = new(2021, 1, 4);

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

    private static readonly Company[] FurtherCompanies =
    [
        new("Ironquay Logistics", "IRQL", 58.30, 0.017, 0.07, 2_050_000),
        new("Junipero Biotech", "JNPB", 73.85, 0.031, 0.12, 3_100_000),
        new("Kestrelmark Insurance", "KSTI", 104.60, 0.010, 0.05, 1_480_000),
        new("Larkspur Media", "LRKM", 19.75, 0.024, -0.06, 4_200_000),
        new("Meridianth Airlines", "MRDA", 33.15, 0.027, 0.01, 6_300_000),
        new("Northwake Telecom", "NWKT", 48.90, 0.012, 0.03, 5_150_000),
        new("Oakhurst Paper", "OKHP", 27.45, 0.013, -0.02, 870_000),
        new("Pellucid Optics", "PLCO", 142.20, 0.022, 0.15, 1_950_000),
        new("Quillon Defence", "QLLD", 211.40, 0.015, 0.09, 1_320_000),
        new("Ravensbourne Retail", "RVNR", 39.60, 0.018, -0.04, 3_750_000),
        new("Saltmarsh Chemicals", "SLTC", 66.95, 0.016, 0.02, 1_640_000),
        new("Tamarack Motors", "TMRK", 88.25, 0.025, 0.08, 7_200_000),
        new("Umberfield Mining", "UMBF", 22.10, 0.028, 0.03, 4_850_000),
        new("Vantrell Semiconductors", "VNTS", 254.70, 0.029, 0.20, 8_100_000),
        new("Wexcombe Water", "WXCW", 51.35, 0.008, 0.04, 690_000),
        new("Yarrowgate Homes", "YRGH", 76.50, 0.019, 0.06, 1_150_000),
        new("Zephyrine Power", "ZPHP", 42.80, 0.020, 0.11, 2_600_000),
    ];

    /// <summary>25 companies, company by company, five years of trading days each; neither weekends nor holidays have trading.</summary>
    public static IEnumerable<OhlcvRow> GenerateLarge(ulong seed = DefaultSeed)
    {
        var random = new SeededRandom(seed);
        foreach (var company in Companies.Concat(FurtherCompanies))
        {
            var previousClose = company.StartPrice;
            var date = LargeFirstDay;
            for (var day = 0; day < LargeTradingDays; day++, date = date.AddDays(1))
            {
                while (date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday || IsHoliday(date))
                {
                    date = date.AddDays(1);
                }

                yield return Trade(company, date, random, ref previousClose);
            }
        }
    }

    private static bool IsHoliday(DateOnly date) =>
        (date.Month, date.Day) is (1, 1) or (1, 6) or (2, 19) or (4, 23) or (5, 1) or (6, 19) or (7, 4) or (9, 2) or (10, 3) or (11, 28) or (12, 24) or (12, 25) or (12, 26) or (12, 31);

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
