using System.Net;
using System.Net.Sockets;

namespace CallMirror.TestKit;

/// <summary>
/// A TCP port of the loopback interface at which nobody listens: connections are refused, and the system gives it to nobody else. A port that was
/// only free a moment ago may be another test's by now.
/// </summary>
public sealed class ReservedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Takes a free one.</summary>
    public ReservedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>Its number.</summary>
    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Lets go of it, for who is to listen there next.</summary>
    public void Dispose() => _socket.Dispose();
}
