using System.Diagnostics.Metrics;
using System.Text;
using CallMirror.TestKit;
using CallMirror.WsGateway.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.WsGateway.Tests.Connections;

/// <summary>What a listener says.</summary>
public sealed class ListenerConnectionTests
{
    private const byte Fin = 0x80;
    private const byte Text = 1;
    private const byte Continuation = 0;
    private const byte Length16 = 126;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_text_in_the_same_segment_as_the_handshake_is_heard() =>
        Assert.Equal((9, 0), await HearAsync(Frame(Fin | Text, Ack(9, 40))));

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1024)]
    public async Task A_text_of_up_to_1_kB_is_read(int length) =>
        Assert.Equal((9, 0), await HearAsync([.. Frame(Fin | Text, Ack(9, length)), .. Frame(Fin | Text, Ack(7, 40))]));

    [Theory]
    [InlineData(1025)]
    [InlineData(5000)]
    public async Task A_longer_one_is_ignored_and_counted_and_the_next_is_read(int length) =>
        Assert.Equal((7, 1), await HearAsync([.. Frame(Fin | Text, Ack(9, length)), .. Frame(Fin | Text, Ack(7, 40))]));

    [Theory]
    [InlineData(40, 1, 9, 0)]
    [InlineData(256, 256, 9, 0)]
    [InlineData(300, 100, 9, 0)]
    [InlineData(1024, 256, 9, 0)]
    [InlineData(1025, 256, 7, 1)]
    [InlineData(3000, 700, 7, 1)]
    public async Task One_in_fragments_is_the_same(int length, int fragment, long acked, long ignored)
    {
        byte[] text = Ack(9, length);
        var frames = Enumerable.Range(0, (length + fragment - 1) / fragment).SelectMany(i => Frame(
            (byte)((i == 0 ? Text : Continuation) | ((i + 1) * fragment >= length ? Fin : 0)), text[(i * fragment)..Math.Min(length, (i + 1) * fragment)]));

        Assert.Equal((acked, ignored), await HearAsync([.. frames, .. Frame(Fin | Text, Ack(7, 40))]));
    }

    /// <summary>Has a listener say this right behind its handshake; returns what the first text that was understood acknowledged, and how many were too long.</summary>
    private static async Task<(long Acked, long Ignored)> HearAsync(byte[] frames)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var counts = new MeterCounts(meters);
        using var peer = new HandshakePeer((client, key) => client.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(HandshakePeer.Accepting(key)), .. frames]).AsTask());
        var endpoint = new ListenerEndpoint(new WsGatewayOptions { Url = peer.Url.ToString(), PingInterval = TimeSpan.Zero }, TimeProvider.System, Random.Shared);
        await using var connection = await endpoint.ConnectAsync(acknowledged: static () => { }, new GatewayMetrics(meters), Cancel);
        Assert.True(await connection.WaitForAckAsync(TimeSpan.FromSeconds(30), Cancel));
        return (connection.Acked, counts["callmirror.gateway.texts.ignored too-long"]);
    }

    private static byte[] Ack(int position, int length) =>
        Encoding.ASCII.GetBytes($$"""{"type":"ack","position":{{position}}""".PadRight(length - 1) + "}");

    // RFC 6455 §5.2; a server masks nothing.
    private static byte[] Frame(byte head, byte[] payload) =>
        payload.Length < Length16 ? [head, (byte)payload.Length, .. payload] : [head, Length16, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];
}
