using Grpc.Core;
using Grpc.Net.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Status and trailing metadata of a call, in the response's trailers or, when nothing was sent yet, its headers.</summary>
internal static class ResponseStatus
{
    public static IHeaderDictionary Destination(HttpResponse response)
    {
        if (!response.HasStarted)
        {
            return response.Headers;
        }

        var trailers = response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        return trailers is { IsReadOnly: false }
            ? trailers
            : throw new InvalidOperationException("Trailers are not supported for this response. The server may not support gRPC.");
    }

    public static void Set(IHeaderDictionary destination, Status status)
    {
        destination.GrpcStatus = HeaderEncoding.Status((int)status.StatusCode);
        destination.GrpcMessage = string.IsNullOrEmpty(status.Detail) ? default : HeaderEncoding.PercentEncode(status.Detail);
    }

    public static void Append(IHeaderDictionary destination, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            destination.Append(entry.Key, entry.IsBinary ? HeaderEncoding.EncodeBinary(entry.ValueBytes) : entry.Value);
        }
    }
}
