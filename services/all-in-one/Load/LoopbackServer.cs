using System.Net;
using System.Net.Sockets;

namespace CallMirror.AllInOne.Load;

/// <summary>Accepts connections on a port of its own of the loopback interface, and has each of them served until it is disposed of.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private const int Backlog = 4096;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly Task _accepting;

    /// <param name="serve">Serves a connection until that ends or the token says so; it does not throw for either. The socket is closed behind it.</param>
    /// <param name="run">Runs all of it: where the continuations of the connections go.</param>
    public LoopbackServer(Func<Socket, CancellationToken, Task> serve, Func<Func<Task>, Task> run)
    {
        _serve = serve;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(Backlog);
        _accepting = run(AcceptAsync);
    }

    public Uri Url => new($"ws://{_socket.LocalEndPoint}/");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _socket.AcceptAsync(_stopping.Token)));
                connections.RemoveAll(connection => connection.IsCompletedSuccessfully);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
            await _serve(socket, _stopping.Token);
    }
}
