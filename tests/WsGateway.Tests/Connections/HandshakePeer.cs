using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CallMirror.WsGateway.Tests.Connections;

/// <summary>A server of one connection whose answer is the test's, byte for byte; then it waits until the client has gone.</summary>
internal sealed class HandshakePeer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly TaskCompletionSource<string> _request = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    /// <param name="answer">Is given the connection and the key of the request.</param>
    /// <param name="address">Where it listens; by default 127.0.0.1.</param>
    /// <param name="tls">Whether there is TLS in between.</param>
    public HandshakePeer(Func<Stream, string, Task> answer, IPAddress? address = null, bool tls = false)
    {
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        Url = new Uri($"{(tls ? "wss" : "ws")}://{_listener.LocalEndpoint}/audio?a=b%20c");
        _serving = ServeAsync(answer, tls);
    }

    public Uri Url { get; }

    /// <summary>The head of the request, once it came.</summary>
    public Task<string> Request => _request.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>Completes when the client has closed its connection.</summary>
    public Task Gone => _serving.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>The host that the client named to TLS.</summary>
    public string? ServerName { get; private set; }

    /// <summary>The answer that opens a WebSocket, with further fields if need be, each ended by CRLF.</summary>
    public static string Accepting(string key, string fields = "") =>
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Accept(key)}\r\n{fields}\r\n";

    /// <summary>An answer of text alone; <c>{accept}</c> in it stands for what the key asks for.</summary>
    public static Func<Stream, string, Task> Answering(string text) =>
        (client, key) => client.WriteAsync(Encoding.Latin1.GetBytes(text.Replace("{accept}", Accept(key), StringComparison.Ordinal))).AsTask();

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(Func<Stream, string, Task> answer, bool tls)
    {
        using var socket = await _listener.AcceptSocketAsync();
        await using var client = new NetworkStream(socket);
        try
        {
            await using var stream = tls ? await SecureAsync(client) : client;
            string request = await ReadHeadAsync(stream);
            _request.SetResult(request);
            await answer(stream, Key(request));
            while (await stream.ReadAsync(new byte[4096]) > 0)
            {
                // It goes on.
            }
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            // It went away in the midst of something, or the answer was to close.
        }
    }

    private async Task<Stream> SecureAsync(Stream client)
    {
        var secure = new SslStream(client);
        using var certificate = SelfSigned();
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateSelectionCallback = (_, name) =>
            {
                ServerName = name;
                return certificate;
            },
        });
        return secure;
    }

    private static async Task<string> ReadHeadAsync(Stream client)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static string Key(string request) => request.Split("Sec-WebSocket-Key: ")[1].Split("\r\n")[0];

#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1.
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
