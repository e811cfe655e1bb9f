using System.Net;
using System.Text;
using CallMirror.TestKit;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

/// <summary>A listener behind an HTTP proxy, over real sockets. Only the proxy knows where <c>listener.invalid</c> is.</summary>
public sealed class ProxyTests : IDisposable
{
    private readonly WsGatewayOptions _options = new() { AcceptAnyCertificate = true };
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    // What would never come fails the test.
    public ProxyTests() => _limit.CancelAfter(TimeSpan.FromSeconds(30));

    public void Dispose() => _limit.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_upgrade_goes_through_the_tunnel(bool tls)
    {
        using var peer = new HandshakePeer((client, key) => client.WriteAsync(Encoding.ASCII.GetBytes(HandshakePeer.Accepting(key) + "x")).AsTask(), tls: tls);
        using var proxy = new TestProxy(peer.Url.Port);
        _options.Proxy = $"http://127.0.0.1:{proxy.Port}";
        await using var stream = await OpenAsync(tls ? "wss://listener.invalid/audio" : "ws://listener.invalid:8080/audio");
        byte[] read = new byte[1];
        await stream.ReadExactlyAsync(read, _limit.Token);

        Assert.Equal("x"u8, read);
        string target = tls ? "listener.invalid:443" : "listener.invalid:8080";
        Assert.Equal($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n", Assert.Single(proxy.Requests));
        Assert.StartsWith("GET /audio HTTP/1.1\r\n", await peer.Request, StringComparison.Ordinal);
        if (tls)
            Assert.Equal("listener.invalid", peer.ServerName);
    }

    [Theory]
    [InlineData("us%40er:p%3Ass@", "us@er:p:ss")]
    [InlineData("user@", "user:")]
    public async Task A_user_of_the_proxy_is_named_to_it_and_to_nobody_else(string user, string credentials)
    {
        using var peer = new HandshakePeer(HandshakePeer.Answering(HandshakePeer.Accepting("")));
        using var proxy = new TestProxy(peer.Url.Port);
        _options.Proxy = $"http://{user}127.0.0.1:{proxy.Port}/";
        await Assert.ThrowsAsync<IOException>(() => OpenAsync("ws://[2001:db8::1]:8080"));

        string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
        Assert.Equal($"CONNECT [2001:db8::1]:8080 HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\nProxy-Authorization: Basic {basic}\r\n\r\n", Assert.Single(proxy.Requests));
        Assert.DoesNotContain(basic, await peer.Request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required", true, " answered 407 Proxy Authentication Required: name a user, as in http://user:password@host:port")]
    [InlineData("HTTP/1.1 403 Forbidden", true, " answered 403 Forbidden")]
    [InlineData("HTTP/1.1 502 ", false, " answered 502")]
    public async Task A_proxy_that_refuses_is_told_and_not_the_listener(string answer, bool isLasting, string words)
    {
        using var proxy = new TestProxy(0, answer);
        _options.Proxy = $"http://user:secret@127.0.0.1:{proxy.Port}";
        var failure = await Assert.ThrowsAsync<UpgradeRefusedException>(() => OpenAsync("ws://listener.invalid:8080"));

        Assert.Equal(isLasting, failure.IsLasting);
        Assert.Equal($"the proxy at 127.0.0.1:{proxy.Port}{words}", ConnectionFailure.Words(failure));
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_told_and_not_the_listener()
    {
        using var port = new ReservedPort();
        _options.Proxy = $"http://127.0.0.1:{port.Number}";
        var failure = await Assert.ThrowsAsync<IOException>(() => OpenAsync("ws://listener.invalid:8080"));

        Assert.Equal($"the proxy at 127.0.0.1:{port.Number}: connection refused", ConnectionFailure.Words(failure));
    }

    [Fact]
    public async Task None_is_no_proxy()
    {
        using var peer = new HandshakePeer(HandshakePeer.Answering("HTTP/1.1 404 Not Found\r\n\r\n"), IPAddress.Loopback);
        _options.Proxy = ListenerProxy.None;

        await Assert.ThrowsAsync<UpgradeRefusedException>(() => OpenAsync(peer.Url.ToString()));
        Assert.Null(ListenerProxy.To(peer.Url, _options.Proxy));
    }

    [Theory]
    [InlineData("proxy:3128")]
    [InlineData("socks5://proxy:1080")]
    [InlineData("http://proxy:3128/path")]
    [InlineData("http://")]
    [InlineData("http://user:secret@")]
    public void A_setting_that_is_no_proxy_is_told_without_its_password(string text)
    {
        Assert.False(ListenerProxy.TryParse(text, out _, out string? problem));
        Assert.Equal("the proxy must look like http://host:port or http://user:password@host:port; 'none' is for none", problem);
    }

    private async Task<Stream> OpenAsync(string url) => (await WebSocketUpgrade.OpenAsync(new Uri(url), _options, TimeProvider.System, _limit.Token)).Stream;
}
