using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace CallMirror.WsGateway.Connections;

/// <summary>Why a connection failed, in words for the user.</summary>
internal static class ConnectionFailure
{
    /// <summary>True for what a connection may fail with; anything else is a defect.</summary>
    public static bool IsExpected(Exception e) =>
        e is WebSocketException or IOException or SocketException or AuthenticationException
            or OperationCanceledException or ObjectDisposedException or TimeoutException or InvalidOperationException;

    /// <summary>A few words, such as <c>connection refused</c>.</summary>
    public static string Words(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
            if (Known(cause) is { } words)
                return words;
        return e.Message.TrimEnd('.');
    }

    private static string? Known(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "no such host",
        SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => "host unreachable",
        SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown } => "the listener closed the connection",
        SocketException { SocketErrorCode: SocketError.OperationAborted } => null,
        SocketException socket => socket.Message.TrimEnd('.'),
        AuthenticationException => "its certificate was not accepted",
        OperationCanceledException or TimeoutException => "no answer in time",
        ObjectDisposedException or InvalidOperationException => "the connection was closed",
        _ => null,
    };
}
