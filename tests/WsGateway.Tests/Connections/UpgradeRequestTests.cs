using System.Text;
using CallMirror.WsGateway.Connections;
using CallMirror.WsGateway.Tests.Calls;
using Microsoft.Extensions.Options;

namespace CallMirror.WsGateway.Tests.Connections;

public sealed class UpgradeRequestTests
{
    private readonly WsGatewayOptions _options = new();

    [Fact]
    public void It_is_written_as_RFC_6455_asks()
    {
        _options.Headers["X-Tenant"] = "blue";
        _options.BearerToken = "secret";

        Assert.Equal(
            "GET /a%20b?c=%C3%A4 HTTP/1.1\r\nHost: listener.example:8765\r\nX-Tenant: blue\r\nUser-Agent: CallMirror/0.1.0\r\nAuthorization: Bearer secret\r\n" +
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            Written("ws://listener.example:8765/a b?c=ä"));
    }

    [Theory]
    [InlineData("ws://listener.example", "listener.example")]
    [InlineData("ws://listener.example:80/x", "listener.example")]
    [InlineData("ws://listener.example:443", "listener.example:443")]
    [InlineData("wss://listener.example:443", "listener.example")]
    [InlineData("wss://listener.example:80", "listener.example:80")]
    [InlineData("wss://b\u00fccher.example", "xn--bcher-kva.example")]
    [InlineData("ws://127.0.0.1:8765", "127.0.0.1:8765")]
    [InlineData("ws://[::1]", "[::1]")]
    [InlineData("ws://[2001:DB8::1]:8765", "[2001:db8::1]:8765")]
    [InlineData("ws://[fe80::1%25eth0]:8765", "[fe80::1]:8765")]
    public void The_host_has_its_port_where_the_scheme_has_another(string url, string host) => Assert.Equal(host, UpgradeRequest.Host(new Uri(url), _options));

    [Fact]
    public void What_belongs_to_the_handshake_is_not_for_settings_except_the_host()
    {
        foreach (string name in (string[])["Connection", "upgrade", "SEC-WEBSOCKET-KEY", "Sec-WebSocket-Version", "Content-Length", "Transfer-Encoding", "HOST"])
            _options.Headers[name] = "mine";

        Assert.Equal(
            "GET / HTTP/1.1\r\nHost: mine\r\nUser-Agent: CallMirror/0.1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            Written("ws://listener.example"));
    }

    [Theory]
    [InlineData("a\r\nX-Injected: b")]
    [InlineData("a\n")]
    [InlineData("\u00e4")]
    public async Task A_value_that_would_break_the_request_is_refused_at_start_without_showing_it(string value)
    {
        var header = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(options => options.Headers["X-Key"] = $"hidden{value}"));
        var token = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(options => options.BearerToken = $"hidden{value}"));

        Assert.Contains("the value of the header 'X-Key' holds a line break", header.Message, StringComparison.Ordinal);
        Assert.Contains("the bearer token holds a line break", token.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", header.Message + token.Message, StringComparison.Ordinal);
    }

    private static Task<GatewayUnderTest> StartAsync(Action<WsGatewayOptions> configure) => GatewayUnderTest.StartAsync(new Uri("ws://127.0.0.1"), configure);

    private string Written(string url) => Encoding.ASCII.GetString(UpgradeRequest.Write(new Uri(url), "dGhlIHNhbXBsZSBub25jZQ==", _options));
}
