namespace Sutra.Examples.Finance;

/// <summary>One company on one trading day. Prices in USD with two decimals, volume in shares.</summary>
public sealed record OhlcvRow(
    string Company,
    string Ticker,
    DateOnly Date,
    decimal Open,
    decimal High,
    decimal Low,
    decimal Close,
    long Volume);
