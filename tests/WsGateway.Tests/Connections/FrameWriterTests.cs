using System.Net.WebSockets;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

public sealed class FrameWriterTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(640)]
    [InlineData(641)]
    [InlineData(FrameWriter.MaxPayloadBytes)]
    public async Task What_is_written_is_what_a_server_reads(int length)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        byte[] frame = new byte[length + FrameWriter.MaxHeadBytes];
        int written = FrameWriter.Write(frame, FrameKind.Binary, payload, MaskKeys.Next());
        using var server = WebSocket.CreateFromStream(new MemoryStream(frame, 0, written), new WebSocketCreationOptions { IsServer = true });

        byte[] read = new byte[length];
        int filled = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await server.ReceiveAsync(read.AsMemory(filled), TestContext.Current.CancellationToken);
            filled += result.Count;
        }
        while (!result.EndOfMessage);

        Assert.Equal(WebSocketMessageType.Binary, result.MessageType);
        Assert.Equal(payload, read);
    }

    [Fact]
    public void A_payload_is_masked_by_the_octets_of_its_key_in_turn()
    {
        byte[] frame = new byte[20];
        int written = FrameWriter.Write(frame, FrameKind.Text, new byte[6], 0x04030201);

        Assert.Equal([0x81, 0x86, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2], frame[..written]);
    }

    [Fact]
    public void Keys_are_not_repeated()
    {
        // Forty thousand of four billion: some pair is equal by chance, a draw used twice would make thousands.
        var keys = Enumerable.Range(0, 40_000).Select(_ => MaskKeys.Next()).ToHashSet();

        Assert.InRange(keys.Count, 39_990, 40_000);
    }
}
