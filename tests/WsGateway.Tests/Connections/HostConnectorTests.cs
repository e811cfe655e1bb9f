using System.Net;
using System.Net.Sockets;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

/// <summary>A listener's name with several addresses, of which some are dead (RFC 8305).</summary>
public sealed class HostConnectorTests
{
    private static readonly IPAddress First = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.3");
    private static readonly IPAddress Third = IPAddress.Parse("127.0.0.4");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Behind_an_address_that_is_dead_without_a_word_the_next_is_tried()
    {
        using var live = Listening(Second, 0);
        int port = ((IPEndPoint)live.LocalEndpoint).Port;
        using var dead = new DeadAddress(First, port);

        using var socket = await HostConnector.ConnectAsync([First, Second], port, TimeProvider.System, Cancel);

        Assert.Equal(Second, ((IPEndPoint)socket.RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task Behind_addresses_that_refuse_the_next_is_tried_at_once()
    {
        using var live = Listening(Third, 0);
        int port = ((IPEndPoint)live.LocalEndpoint).Port;

        // Its clock stands still: nothing is waited for.
        using var socket = await HostConnector.ConnectAsync([First, Second, Third], port, new TestKit.ManualTimeProvider(), Cancel);

        Assert.Equal(Third, ((IPEndPoint)socket.RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task The_first_address_wins_where_it_answers()
    {
        using var live = Listening(First, 0);
        int port = ((IPEndPoint)live.LocalEndpoint).Port;
        using var other = Listening(Second, port);

        using var socket = await HostConnector.ConnectAsync([First, Second], port, TimeProvider.System, Cancel);

        Assert.Equal(First, ((IPEndPoint)socket.RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task Where_all_refuse_the_reason_is_the_first_ones()
    {
        using var port = new TestKit.ReservedPort();

        var refused = await Assert.ThrowsAsync<SocketException>(() => HostConnector.ConnectAsync([First, Second], port.Number, TimeProvider.System, Cancel));

        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public void Families_take_turns_beginning_with_the_one_that_the_system_puts_first()
    {
        var v6 = IPAddress.Parse("2001:db8::1");
        var other = IPAddress.Parse("2001:db8::2");

        Assert.Equal([v6, First, other, Second, Third], HostConnector.InTurns([v6, other, First, Second, Third]));
    }

    private static TcpListener Listening(IPAddress address, int port)
    {
        var listener = new TcpListener(address, port);
        listener.Start();
        return listener;
    }

    /// <summary>Its backlog is full, so that a further connection is neither taken nor refused.</summary>
    private sealed class DeadAddress : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _filling = [];

        public DeadAddress(IPAddress address, int port)
        {
            var place = new IPEndPoint(address, port);
            _listener.Bind(place);
            _listener.Listen(0);
            for (int i = 0; i < 4; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _filling.Add(socket);
                try
                {
                    socket.Connect(place);
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
                {
                    // Under way, or never taken.
                }
            }
        }

        public void Dispose()
        {
            _filling.ForEach(socket => socket.Dispose());
            _listener.Dispose();
        }
    }
}
