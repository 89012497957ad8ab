using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client.Internal;

internal static class TransportErrors
{
    /// <summary>What an exception from the HTTP stack is in gRPC's terms.</summary>
    public static StatusCode ToStatusCode(Exception exception)
    {
        StatusCode? code = null;
        var network = false;
        for (var current = exception; current is not null; current = current.InnerException)
        {
            switch (current)
            {
                case HttpProtocolException reset:
                    code = FromResetCode(reset.ErrorCode);
                    break;
                case SocketException or IOException:
                    network = true;
                    break;
            }
        }

        return code ?? (network ? StatusCode.Unavailable : StatusCode.Internal);
    }

    // HTTP/2 error codes: REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY.
    private static StatusCode FromResetCode(long code) => code switch
    {
        0x7 => StatusCode.Unavailable,
        0x8 => StatusCode.Cancelled,
        0xb => StatusCode.ResourceExhausted,
        0xc => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };
}
