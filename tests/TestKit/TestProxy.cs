using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CallMirror.TestKit;

/// <summary>An HTTP proxy that knows CONNECT alone (RFC 9110 §9.3.6). Every host that it is asked for is the one listener of the test, whatever its name.</summary>
public sealed class TestProxy : IDisposable
{
    private const int MaxHeadBytes = 8 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _listenerPort;
    private readonly string? _answer;
    private readonly List<string> _requests = [];

    /// <param name="listenerPort">The port on 127.0.0.1 that every tunnel leads to.</param>
    /// <param name="answer">What is said in place of a tunnel: a status line; null where all are let through.</param>
    public TestProxy(int listenerPort, string? answer = null)
    {
        (_listenerPort, _answer) = (listenerPort, answer);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The heads of the requests so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var listener = new TcpClient())
        {
            try
            {
                var near = client.GetStream();
                string head = await ReadHeadAsync(near);
                lock (_requests)
                    _requests.Add(head);
                if (_answer is not null || !head.StartsWith("CONNECT ", StringComparison.Ordinal))
                {
                    await near.WriteAsync(Encoding.ASCII.GetBytes($"{_answer ?? "HTTP/1.1 405 Method Not Allowed"}\r\n\r\n"));
                    return;
                }

                await listener.ConnectAsync(IPAddress.Loopback, _listenerPort);
                await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
                var far = listener.GetStream();
                await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // One of the two has gone.
            }
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream from)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (head.Length < MaxHeadBytes && !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await from.ReadAsync(one) > 0)
            head.Append((char)one[0]);
        return head.ToString();
    }
}
