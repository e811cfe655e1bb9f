using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace CallMirror.WsGateway.Connections;

/// <summary>The way to a listener's host: TCP, by way of an HTTP proxy where there is one (RFC 6455 §4.1, point 3).</summary>
public static class ListenerRoute
{
    // Of linux/tcp.h.
    private const int IpProtoTcp = 6;
    private const int TcpUserTimeout = 18;

    /// <summary>Connects to the first address that answers. Who gets the stream owns the socket.</summary>
    /// <param name="url">The listener.</param>
    /// <param name="options">The proxy, and how long a host may be silent.</param>
    /// <param name="time">The clock between two attempts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">The host has no address, or none of them answers.</exception>
    /// <exception cref="IOException">The proxy is not there, or does not let the listener be reached; the message is for the user.</exception>
    public static async Task<Stream> OpenAsync(Uri url, WsGatewayOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        return ListenerProxy.To(url, options.Proxy) is { } proxy
            ? await ThroughAsync(proxy, url, options, time, cancellationToken)
            : await ConnectAsync(url, options, time, cancellationToken);
    }

    private static async Task<Stream> ThroughAsync(Uri proxy, Uri url, WsGatewayOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        Stream? connection = null;
        try
        {
            connection = await ConnectAsync(proxy, options, time, cancellationToken);
            if (proxy.Scheme == "https")
                connection = await Tls.OverAsync(connection, () => new SslClientAuthenticationOptions { TargetHost = proxy.IdnHost }, cancellationToken);
            return await ProxyTunnel.OpenAsync(connection, proxy, url, cancellationToken);
        }
        catch (Exception e)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            // Else the user looks for the fault at the listener.
            if (e is SocketException or AuthenticationException)
                throw new IOException($"{ProxyTunnel.Words(proxy)}: {ConnectionFailure.Words(e)}");
            throw;
        }
    }

    private static async Task<Stream> ConnectAsync(Uri url, WsGatewayOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = await HostConnector.ConnectAsync(url.IdnHost, url.Port, time, cancellationToken);
        try
        {
            // What is written is gathered already.
            socket.NoDelay = true;
            if (options.PingInterval > TimeSpan.Zero && OperatingSystem.IsLinux())
                LimitSilence(socket, options.PingInterval + options.PingTimeout);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A host that is gone acknowledges nothing, and by itself TCP would try on for a quarter of an hour (RFC 5482).
    private static void LimitSilence(Socket socket, TimeSpan limit) =>
        socket.SetRawSocketOption(IpProtoTcp, TcpUserTimeout, BitConverter.GetBytes((int)limit.TotalMilliseconds));
}
