using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using CallMirror.TestKit;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

/// <summary>The opening handshake over real sockets.</summary>
public sealed class WebSocketUpgradeTests : IDisposable
{
    private const string Good = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";
    private const string NoWebSocket = "its handshake is none of a WebSocket";
    private const string NotOffered = "it insists on the subprotocol 'chat', which was not offered: offer it with --subprotocol";
    private const string NoExtension = "it insists on an extension, and none was offered";
    private const string NoHttp = "its answer is none of HTTP/1.1";

    private readonly WsGatewayOptions _options = new();
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    // What would never come fails the test.
    public WebSocketUpgradeTests() => _limit.CancelAfter(TimeSpan.FromSeconds(30));

    private CancellationToken Cancel => _limit.Token;

    public void Dispose() => _limit.Dispose();

    [Theory]
    [InlineData(Good)]
    [InlineData("HTTP/1.1 101\r\nupgrade:WebSocket\r\nCONNECTION: \tkeep-alive , upgrade \r\nsec-websocket-accept:   {accept}\t\r\nX-Other:\r\n\r\n")]
    [InlineData("HTTP/1.1 101 \nUpgrade: websocket\nConnection: keep-alive\nConnection: Upgrade\nSec-WebSocket-Accept:\n {accept}\n\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + Good)]
    public async Task An_answer_that_accepts_opens_the_connection(string answer)
    {
        using var peer = new HandshakePeer(HandshakePeer.Answering(answer));
        var stream = await OpenAsync(peer);

        Assert.IsType<NetworkStream>(stream);
        await stream.DisposeAsync();
        await peer.Gone;
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("callmirror-acknowledges: position\r\n", true)]
    public async Task An_answer_may_say_that_the_listener_acknowledges(string fields, bool says)
    {
        using var peer = new HandshakePeer((client, key) => client.WriteAsync(Encoding.Latin1.GetBytes(HandshakePeer.Accepting(key, fields))).AsTask());

        var upgraded = await WebSocketUpgrade.OpenAsync(peer.Url, _options, TimeProvider.System, Cancel);

        await using (upgraded.Stream)
            Assert.Equal(says, upgraded.Acknowledges);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "it answered 404 Not Found, which is no WebSocket")]
    [InlineData("HTTP/1.1 503 \r\n\r\n", "it answered 503, which is no WebSocket")]
    [InlineData("HTTP/1.0 200\r\n\r\n", "it answered 200, which is no WebSocket")]
    [InlineData("HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 302 Found\r\n\r\n", "it answered 302 Found, which is no WebSocket")]
    [InlineData("HTTP/1.1 403 Verz\u00f6gert\r\n\r\n", "it answered 403 Verz?gert, which is no WebSocket")]
    [InlineData("HTTP/1.1 101 A\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", NoWebSocket)]
    [InlineData("HTTP/1.1 101 A\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Accept: {accept}\r\n\r\n", NoWebSocket)]
    [InlineData("HTTP/1.1 101 A\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", NoWebSocket)]
    [InlineData("HTTP/1.1 101 A\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n", NoWebSocket)]
    [InlineData("HTTP/1.1 101 A\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n", NoWebSocket)]
    [InlineData("HTTP/1.1 101 A\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: {accept}\r\n\r\n", NoWebSocket)]
    [InlineData("HTTP/1.1 101 A\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", NoExtension)]
    [InlineData("HTTP/1.1 101 A\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: chat\r\n\r\n", NotOffered)]
    [InlineData("HTTP/2 101 A\r\n\r\n", NoHttp)]
    [InlineData("SSH-2.0-OpenSSH_9.6", NoHttp)]
    [InlineData("\u0015\u0003\u0003\0\u0002\u0002\u0046", NoHttp)]
    [InlineData("\r\n\r\n", NoHttp)]
    [InlineData("HTTP/1.1 101 A\r\nUpgrade\r\n\r\n", NoHttp)]
    public async Task Any_other_answer_is_told_in_a_sentence_and_the_connection_let_go(string answer, string sentence)
    {
        using var peer = new HandshakePeer(HandshakePeer.Answering(answer));
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => OpenAsync(peer));

        Assert.Equal(sentence, ConnectionFailure.Words(failure));
        await peer.Gone;
    }

    [Theory]
    [InlineData("HTTP/1.1 101 A\r\nX: ")]
    [InlineData("HTTP/1.1 100 A\r\n\r\n")]
    public async Task A_head_that_never_ends_is_not_read_for_ever(string endless)
    {
        using var peer = new HandshakePeer(async (client, _) =>
        {
            while (true)
                await client.WriteAsync(Encoding.ASCII.GetBytes(endless));
        });
        var failure = await Assert.ThrowsAsync<IOException>(() => OpenAsync(peer));

        Assert.Equal("the head of its answer is longer than 16 kB", ConnectionFailure.Words(failure));
        await peer.Gone;
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTT")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")]
    public async Task A_connection_that_ends_before_the_head_does_is_told(string answer)
    {
        using var peer = new HandshakePeer(async (client, key) =>
        {
            await HandshakePeer.Answering(answer)(client, key);
            ((NetworkStream)client).Socket.Shutdown(SocketShutdown.Send);
        });
        var failure = await Assert.ThrowsAsync<IOException>(() => OpenAsync(peer));

        Assert.Equal("it closed the connection before it had answered", ConnectionFailure.Words(failure));
        await peer.Gone;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_comes_right_behind_the_head_is_the_first_of_the_WebSocket(bool tls)
    {
        _options.AcceptAnyCertificate = true;
        using var peer = new HandshakePeer((client, key) => client.WriteAsync(Encoding.ASCII.GetBytes(HandshakePeer.Accepting(key) + "frames")).AsTask(), tls: tls);
        await using var stream = await OpenAsync(peer);
        byte[] read = new byte[6];
        await stream.ReadExactlyAsync(read.AsMemory(0, 2), Cancel);
        await stream.ReadExactlyAsync(read.AsMemory(2), Cancel);

        Assert.Equal("frames"u8, read);
    }

    [Fact]
    public async Task A_head_may_come_byte_by_byte()
    {
        using var peer = new HandshakePeer(async (client, key) =>
        {
            foreach (byte one in Encoding.ASCII.GetBytes(HandshakePeer.Accepting(key) + "x"))
                await client.WriteAsync(new[] { one });
        });
        await using var stream = await OpenAsync(peer);
        byte[] read = new byte[1];

        Assert.Equal(1, await stream.ReadAsync(read, Cancel));
        Assert.Equal("x"u8, read);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_accepted_only_where_any_is()
    {
        using var strict = new HandshakePeer(HandshakePeer.Answering(Good), tls: true);
        var failure = await Assert.ThrowsAsync<AuthenticationException>(() => OpenAsync(strict));
        await strict.Gone;
        _options.AcceptAnyCertificate = true;
        using var lenient = new HandshakePeer(HandshakePeer.Answering(Good), tls: true);
        await using var stream = await OpenAsync(lenient);

        Assert.Equal("its certificate was not accepted", ConnectionFailure.Words(failure));
        Assert.StartsWith("GET /audio?a=b%20c HTTP/1.1\r\n", await lenient.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_that_a_header_names_is_the_one_whose_certificate_is_asked_for()
    {
        _options.AcceptAnyCertificate = true;
        _options.Headers["host"] = "listener.example:8443";
        using var peer = new HandshakePeer(HandshakePeer.Answering(Good), tls: true);
        await using var stream = await OpenAsync(peer);

        Assert.Contains("\r\nHost: listener.example:8443\r\n", await peer.Request, StringComparison.Ordinal);
        Assert.Equal("listener.example", peer.ServerName);
    }

    [Fact]
    public async Task All_addresses_of_a_host_are_tried()
    {
        using var peer = new HandshakePeer(HandshakePeer.Answering(Good));
        await using var stream = (await WebSocketUpgrade.OpenAsync(new Uri($"ws://localhost:{peer.Url.Port}"), _options, TimeProvider.System, Cancel)).Stream;

        Assert.Contains($"\r\nHost: localhost:{peer.Url.Port}\r\n", await peer.Request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat", null)]
    [InlineData("audio.drachtio.org, chat", null)]
    [InlineData(null, "chat")]
    public async Task A_subprotocol_that_was_offered_may_be_taken(string? setting, string? header)
    {
        _options.Subprotocol = setting;
        if (header is not null)
            _options.Headers["Sec-WebSocket-Protocol"] = header;
        using var peer = new HandshakePeer((client, key) => client.WriteAsync(Encoding.ASCII.GetBytes(HandshakePeer.Accepting(key, "Sec-WebSocket-Protocol: chat\r\n"))).AsTask());

        await using var stream = await OpenAsync(peer);

        Assert.Contains($"\r\nSec-WebSocket-Protocol: {setting ?? header}\r\n", await peer.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirection_is_followed_once_and_without_the_token_to_another_host()
    {
        using var there = new HandshakePeer(HandshakePeer.Answering(Good));
        using var peer = new HandshakePeer(HandshakePeer.Answering($"HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:{there.Url.Port}/moved\r\n\r\n"));
        _options.BearerToken = "secret";

        await using var stream = await OpenAsync(peer);

        string request = await there.Request;
        Assert.StartsWith("GET /moved HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", request, StringComparison.Ordinal);
        Assert.Contains("Bearer secret", await peer.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_redirection_is_told()
    {
        using var there = new HandshakePeer(HandshakePeer.Answering("HTTP/1.1 302 On\r\nLocation: ws://127.0.0.1:9/\r\n\r\n"));
        using var peer = new HandshakePeer(HandshakePeer.Answering($"HTTP/1.1 301 There\r\nLocation: ws://127.0.0.1:{there.Url.Port}/\r\n\r\n"));

        var failure = await Assert.ThrowsAnyAsync<IOException>(() => OpenAsync(peer));

        Assert.Equal("it answered 302 On, which is no WebSocket", ConnectionFailure.Words(failure));
    }

    [Fact]
    public async Task An_IPv6_address_is_one_too()
    {
        Assert.SkipUnless(HasIPv6Loopback(), "this machine has no ::1");
        using var peer = new HandshakePeer(HandshakePeer.Answering(Good), IPAddress.IPv6Loopback);
        await using var stream = await OpenAsync(peer);

        Assert.Contains($"\r\nHost: [::1]:{peer.Url.Port}\r\n", await peer.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_and_a_host_that_nobody_has_are_told_apart()
    {
        using var port = new ReservedPort();
        var refused = await Assert.ThrowsAnyAsync<SocketException>(() => WebSocketUpgrade.OpenAsync(new Uri($"ws://127.0.0.1:{port.Number}"), _options, TimeProvider.System, Cancel));
        // RFC 6761 §6.4: nobody ever has such a name.
        var unknown = await Assert.ThrowsAnyAsync<SocketException>(() => WebSocketUpgrade.OpenAsync(new Uri("ws://listener.invalid"), _options, TimeProvider.System, Cancel));

        Assert.Equal("connection refused", ConnectionFailure.Words(refused));
        Assert.Equal("no such host", ConnectionFailure.Words(unknown));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_listener_that_says_nothing_is_waited_for_until_the_time_is_up(bool cancelled)
    {
        using var peer = new HandshakePeer((_, _) => Task.CompletedTask);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var time = new ManualTimeProvider();
        _options.Url = peer.Url.ToString();
        var connecting = new ListenerEndpoint(_options, time, Random.Shared).ConnectAsync(acknowledged: static () => { }, metrics: null!, cancel.Token);
        await peer.Request;
        Assert.False(connecting.IsCompleted);

        if (cancelled)
            await cancel.CancelAsync();
        else
            time.Advance(_options.UpgradeTimeout);
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);

        Assert.Equal("no answer in time", ConnectionFailure.Words(failure));
        await peer.Gone;
    }

    [Fact]
    public async Task A_TLS_handshake_that_hangs_is_left_too()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var opening = WebSocketUpgrade.OpenAsync(new Uri($"wss://{silent.LocalEndpoint}"), _options, TimeProvider.System, cancel.Token);
        using var client = await silent.AcceptSocketAsync(Cancel);
        byte[] hello = new byte[4096];
        Assert.NotEqual(0, await client.ReceiveAsync(hello, Cancel));
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        while (await client.ReceiveAsync(hello, Cancel) > 0)
        {
            // The rest of its hello.
        }
    }

    [Fact]
    public async Task Garbage_fails_as_a_connection_may()
    {
        var answers = new Mutator(seed: 20_262_611, [Encoding.ASCII.GetBytes(Good), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray()]);
        for (int i = 0; i < 300; i++)
        {
            // What it accepts is never the key of the request.
            byte[] answer = answers.Next().ToArray();
            using var peer = new HandshakePeer(async (client, _) =>
            {
                await client.WriteAsync(answer);
                ((NetworkStream)client).Socket.Shutdown(SocketShutdown.Send);
            });
            await Assert.ThrowsAnyAsync<IOException>(() => OpenAsync(peer));
            await peer.Gone;
        }
    }

    private async Task<Stream> OpenAsync(HandshakePeer peer) => (await WebSocketUpgrade.OpenAsync(peer.Url, _options, TimeProvider.System, Cancel)).Stream;

    private static bool HasIPv6Loopback()
    {
        if (!Socket.OSSupportsIPv6)
            return false;
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
