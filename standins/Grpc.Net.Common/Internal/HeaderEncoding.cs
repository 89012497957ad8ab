using System.Buffers;
using System.Globalization;
using System.Text;

namespace Grpc.Net.Internal;

/// <summary>How values travel in HTTP/2 headers and trailers.</summary>
internal static class HeaderEncoding
{
    public const string ContentType = "application/grpc";
    public const string Identity = "identity";
    public const string Gzip = "gzip";

    /// <summary>Metadata key by which a caller asks for a compressed message stream; never sent itself.</summary>
    public const string CompressionRequestKey = "grpc-internal-encoding-request";

    /// <summary>The protocol's limit: eight digits of seconds.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(99_999_999);

    // Everything printable but '%'.
    private static readonly SearchValues<char> Unreserved = SearchValues.Create(
        string.Concat(Enumerable.Range(0x20, 0x7F - 0x20).Select(code => (char)code).Where(c => c != '%')));

    private static readonly string[] StatusCodes = [.. Enumerable.Range(0, 17).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    public static string Status(int code) =>
        (uint)code < (uint)StatusCodes.Length ? StatusCodes[code] : code.ToString(CultureInfo.InvariantCulture);

    /// <summary><c>grpc-message</c>: UTF-8, percent-encoded.</summary>
    public static string PercentEncode(string value)
    {
        if (!value.AsSpan().ContainsAnyExcept(Unreserved))
        {
            return value;
        }

        var encoded = new StringBuilder(value.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value is >= 0x20 and < 0x7F and not '%')
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (var octet in utf8[..rune.EncodeToUtf8(utf8)])
            {
                encoded.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }

    public static string PercentDecode(string value) => value.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(value) : value;

    /// <summary><c>grpc-timeout</c>: at most eight digits and a unit.</summary>
    public static string EncodeTimeout(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "1n";
        }

        // Rounded up, so that the server's deadline is never before the client's.
        var milliseconds = (timeout.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
        return milliseconds <= 99_999_999
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}m")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Min((milliseconds + 999) / 1000, 99_999_999)}S");
    }

    public static bool TryDecodeTimeout(string value, out TimeSpan timeout)
    {
        timeout = TimeSpan.Zero;
        if (value.Length is < 2 or > 9 || !long.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        long? ticksPerUnit = value[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            _ => null,
        };
        if (ticksPerUnit is { } ticks)
        {
            timeout = TimeSpan.FromTicks(Math.Min(LongestTimeout.Ticks, number * ticks));
            return true;
        }

        // A tick is 100 ns; a shorter positive timeout is still one.
        timeout = TimeSpan.FromTicks(number == 0 ? 0 : Math.Max(1, number / 100));
        return value[^1] == 'n';
    }

    public static string EncodeBinary(byte[] value) => Convert.ToBase64String(value);

    /// <summary>Base64 with or without padding.</summary>
    public static byte[] DecodeBinary(string value) => (value.Length % 4) switch
    {
        2 => Convert.FromBase64String(value + "=="),
        3 => Convert.FromBase64String(value + "="),
        _ => Convert.FromBase64String(value),
    };

    /// <summary>Adds a received header; several values in one line are several entries.</summary>
    public static void AddReceived(Grpc.Core.Metadata metadata, string key, string value)
    {
        if (!key.EndsWith(Grpc.Core.Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(key, value);
            return;
        }

        // A comma is not in the base64 alphabet: intermediaries may have joined lines with it.
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            metadata.Add(key, DecodeBinary(part));
        }
    }

    /// <summary><c>application/grpc</c>, also with <c>+proto</c> or parameters; not <c>application/grpc-web</c>.</summary>
    public static bool IsGrpcContentType(string? value) =>
        value is not null
        && value.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (value.Length == ContentType.Length || value[ContentType.Length] is ';' or '+');

    /// <summary>An exception and those inside it as <c>Type: message</c>, for a status' detail.</summary>
    public static string Describe(Exception exception)
    {
        var text = new StringBuilder();
        for (var current = exception; current is not null; current = current.InnerException)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(current.GetType().Name).Append(": ").Append(current.Message);
        }

        return text.ToString();
    }
}
