using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Internal;

namespace Grpc.Net.Client.Internal;

internal static class RequestHeaders
{
    public static readonly MediaTypeHeaderValue ContentType = new(HeaderEncoding.ContentType);

    private static readonly string UserAgent = $"grpc-dotnet/2.71.0 (.NET {Environment.Version})";

    public static void AddProtocol(HttpRequestHeaders headers)
    {
        headers.TryAddWithoutValidation("User-Agent", UserAgent);
        headers.TryAddWithoutValidation("TE", "trailers");
        headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip");
    }

    public static void AddMetadata(HttpRequestHeaders headers, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            switch (entry.Key)
            {
                case "grpc-timeout":
                    // The call's deadline says it.
                    break;
                case HeaderEncoding.CompressionRequestKey:
                    headers.TryAddWithoutValidation("grpc-encoding", entry.Value);
                    break;
                default:
                    headers.TryAddWithoutValidation(entry.Key, entry.IsBinary ? HeaderEncoding.EncodeBinary(entry.ValueBytes) : entry.Value);
                    break;
            }
        }
    }
}

internal static class ResponseHeaders
{
    public static Metadata ToMetadata(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (IsProtocol(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                HeaderEncoding.AddReceived(metadata, name, value);
            }
        }

        return metadata;
    }

    /// <summary>The status that the response's headers already decide, or null when a body and trailers follow.</summary>
    public static Status? Check(HttpResponseMessage response, out bool trailersOnly)
    {
        if (TryGetStatus(response.Headers, out var status))
        {
            trailersOnly = true;
            return status;
        }

        trailersOnly = false;
        if (response.Version < HttpVersion.Version20)
        {
            return new Status(StatusCode.Internal, $"Bad gRPC response. Response protocol downgraded to HTTP/{response.Version.ToString(2)}.");
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new Status(ToStatusCode((int)response.StatusCode), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        }

        var contentType = First(response.Content.Headers, "Content-Type");
        return contentType is null
            ? new Status(StatusCode.Cancelled, "Bad gRPC response. Response did not have a content-type header.")
            : HeaderEncoding.IsGrpcContentType(contentType)
                ? null
                : new Status(StatusCode.Cancelled, $"Bad gRPC response. Invalid content-type value: {contentType}");
    }

    /// <summary>The status after the body has been read to its end.</summary>
    public static Status Trailing(HttpResponseMessage response) =>
        TryGetStatus(response.TrailingHeaders, out var status)
            ? status
            : new Status(StatusCode.Cancelled, "No grpc-status found on response.");

    public static string? Encoding(HttpResponseMessage response) => First(response.Headers, "grpc-encoding");

    private static bool TryGetStatus(HttpHeaders headers, out Status status)
    {
        status = default;
        var code = First(headers, "grpc-status");
        if (code is null)
        {
            return false;
        }

        if (!int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            status = new Status(StatusCode.Cancelled, $"Unexpected grpc-status value: {code}");
            return true;
        }

        var message = First(headers, "grpc-message");
        status = new Status((StatusCode)number, message is null ? "" : HeaderEncoding.PercentDecode(message));
        return true;
    }

    private static string? First(HttpHeaders headers, string name)
    {
        if (headers.NonValidated.TryGetValues(name, out var values))
        {
            foreach (var value in values)
            {
                return value;
            }
        }

        return null;
    }

    private static bool IsProtocol(string name) =>
        name.StartsWith(':')
        || name.Equals("grpc-status", StringComparison.OrdinalIgnoreCase)
        || name.Equals("grpc-message", StringComparison.OrdinalIgnoreCase)
        || name.Equals("grpc-encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("grpc-accept-encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("content-encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("content-type", StringComparison.OrdinalIgnoreCase);

    // As the protocol's "HTTP to gRPC status code mapping" has it.
    private static StatusCode ToStatusCode(int httpStatus) => httpStatus switch
    {
        400 or 431 or (>= 100 and < 200) => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
