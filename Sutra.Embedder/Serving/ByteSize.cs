using System.Globalization;

namespace Sutra.Embedder.Serving;

/// <summary>Sizes as people write them. <c>2GB</c> is 2·10⁹ bytes, <c>2GiB</c> is 2·2³⁰, a bare number is bytes.</summary>
internal static class ByteSize
{
    /// <exception cref="FormatException">It is not a size.</exception>
    public static long Parse(string text)
    {
        var span = text.AsSpan().Trim();
        var digits = span.IndexOfAnyExceptInRange('0', '9');
        var number = long.Parse(digits < 0 ? span : span[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        var unit = digits < 0 ? "" : span[digits..].Trim().ToString().ToUpperInvariant();
        return checked(number * Factor(unit));
    }

    private static long Factor(string unit) => unit switch
    {
        "" or "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KIB" => 1L << 10,
        "MIB" => 1L << 20,
        "GIB" => 1L << 30,
        "TIB" => 1L << 40,
        _ => throw new FormatException($"'{unit}' is no unit of size."),
    };
}
