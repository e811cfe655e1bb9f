using System.Net;
using System.Net.Sockets;

namespace CallMirror.Messaging.Tests.RabbitMq;

/// <summary>The wire between a process and its broker, which a test cuts: all connections over it end without a goodbye, and new ones are let through.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _sockets = [];
    private readonly int _target;
    private readonly Task _run;

    public TcpRelay(int target, int port = 0)
    {
        _target = target;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _run = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>The same broker by another way.</summary>
    public string UriOf(string uri) => new UriBuilder(uri) { Port = Port }.Uri.ToString();

    /// <summary>Ends all connections of now.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            _sockets.ForEach(socket => socket.Dispose());
            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        Cut();
        await _run;
        // Only now: who accepts at a listener that is gone is told that it never listened. And what came behind the cut is cut too.
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        List<Task> copies = [];
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_stopping.Token);
                var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                lock (_sockets)
                    _sockets.AddRange([near, far]);
                await far.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                copies.AddRange([CopyAsync(near, far), CopyAsync(far, near)]);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(copies);
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] bytes = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(bytes) is var count and > 0)
                await to.SendAsync(bytes.AsMemory(0, count));
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // Cut.
        }
    }
}
