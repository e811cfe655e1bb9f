using System.Text;
using CallMirror.TestKit;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

public sealed class ResponseHeadTests
{
    private const string Sample = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nServer: a\r\nUpgrade: websocket\r\n\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\n\r\n", 404, "Not Found")]
    [InlineData("HTTP/1.0 999\n\n", 999, "")]
    [InlineData("HTTP/1.1 101 \r\nA: b\r\n\r\n", 101, "")]
    [InlineData("HTTP/1.9 200  a: b \r\n\n", 200, "a: b")]
    public void Status_and_reason_are_read(string text, int status, string reason)
    {
        Assert.True(ResponseHead.TryParse(Encoding.Latin1.GetBytes(text), out var head, out var error));
        Assert.Equal((status, reason, ResponseHeadError.None), (head.Status, head.Reason, error));
    }

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("HTTP/1.1\r\n\r\n")]
    [InlineData("HTTP/1.1 10\r\n\r\n")]
    [InlineData("HTTP/1.1 1010\r\n\r\n")]
    [InlineData("HTTP/1.1 1a1 A\r\n\r\n")]
    [InlineData("HTTP/1.1 099 A\r\n\r\n")]
    [InlineData("HTTP/1.1  101 A\r\n\r\n")]
    [InlineData("HTTP/1.x 101 A\r\n\r\n")]
    [InlineData("HTTP/2.0 101 A\r\n\r\n")]
    [InlineData("http/1.1 101 A\r\n\r\n")]
    [InlineData(" HTTP/1.1 101 A\r\n\r\n")]
    [InlineData("HTTP/1.1 101 A\u001b[31m\r\n\r\n")]
    [InlineData("HTTP/1.1 101 A\r\r\n\r\n")]
    public void Without_a_status_line_it_is_none(string text) => Assert.Equal(ResponseHeadError.StatusLine, Refused(text));

    [Theory]
    [InlineData("HTTP/1.1 101 A\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 101 A\r\n: no name\r\n\r\n")]
    [InlineData("HTTP/1.1 101 A\r\na b: c\r\n\r\n")]
    [InlineData("HTTP/1.1 101 A\r\n folded: from nothing\r\n\r\n")]
    [InlineData("HTTP/1.1 101 A\r\na: b\0\r\n\r\n")]
    [InlineData("HTTP/1.1 101 A\r\na: b\rc\r\n\r\n")]
    public void With_a_line_that_is_no_field_it_is_none(string text) => Assert.Equal(ResponseHeadError.Field, Refused(text));

    [Fact]
    public void Fields_are_found_in_any_case_with_white_space_and_folds_undone()
    {
        Assert.True(ResponseHead.TryParse("HTTP/1.1 101 A\r\nA:b\r\na :\t c:d \r\nLong: one\r\n  two\r\n\tthree\r\nEmpty:\r\n\r\n"u8, out var head, out _));

        Assert.Equal(["b", "c:d"], head.Values("A"));
        Assert.Equal(["one two three"], head.Values("LONG"));
        Assert.Equal([""], head.Values("empty"));
        Assert.Empty(head.Values("other"));
    }

    [Fact]
    public async Task A_head_and_what_is_behind_it_are_told_apart_wherever_reads_end()
    {
        byte[] all = Encoding.ASCII.GetBytes(Sample + "\u0081\r\n\r\n");
        for (int split = 1; split <= all.Length; split++)
            await CheckAsync(all, [split, all.Length]);
        await CheckAsync(all, [.. Enumerable.Repeat(1, all.Length)]);
    }

    [Fact]
    public async Task A_head_may_fill_the_buffer_and_not_one_byte_more()
    {
        byte[] head = Encoding.ASCII.GetBytes(Sample);
        await new ResponseReader(new MemoryStream(head), new byte[head.Length]).FinalAsync(Cancel);
        await Assert.ThrowsAsync<IOException>(() => new ResponseReader(new MemoryStream(head), new byte[head.Length - 1]).FinalAsync(Cancel).AsTask());
    }

    [Fact]
    public async Task Damaged_heads_are_read_or_refused_and_say_the_same_each_time()
    {
        var mutator = new Mutator(seed: 6455, [Encoding.ASCII.GetBytes(Sample), "HTTP/1.1 403 No\nA: b\n c\n\n"u8.ToArray()]);
        byte[] buffer = new byte[512];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] input = mutator.Next().ToArray();
            Assert.Equal(await OutcomeAsync(new MemoryStream(input), buffer), await OutcomeAsync(new PiecesStream(input, [.. Enumerable.Repeat(1, input.Length)]), buffer));
        }
    }

    [Fact]
    public void Any_bytes_are_read_or_refused() => Properties.Hold((byte[] bytes) =>
    {
        byte[] input = [.. "HTTP/1.1 200\n"u8, .. bytes ?? []];
        byte[] before = [.. input];
        Assert.Equal(ResponseHead.TryParse(input, out var head, out var error), head is not null && error == ResponseHeadError.None);
        Assert.InRange(ResponseHead.LengthOf(input), 0, input.Length);
        Assert.Equal(before, input);
    });

    private static ResponseHeadError Refused(string text)
    {
        Assert.False(ResponseHead.TryParse(Encoding.Latin1.GetBytes(text), out var head, out var error));
        Assert.Null(head);
        return error;
    }

    private static async Task CheckAsync(byte[] all, int[] pieces)
    {
        var stream = new PiecesStream(all, pieces);
        var reader = new ResponseReader(stream, new byte[1024]);
        var head = await reader.FinalAsync(Cancel);
        using var rest = new MemoryStream();
        await rest.WriteAsync(reader.Ahead, Cancel);
        await stream.CopyToAsync(rest, Cancel);

        Assert.Equal(101, head.Status);
        Assert.Equal(all[Sample.Length..], rest.ToArray());
    }

    // Whether the buffer was too small or the end of the input came first depends on the pieces no more than anything else does.
    private static async Task<string> OutcomeAsync(Stream stream, byte[] buffer)
    {
        try
        {
            var head = await new ResponseReader(stream, buffer).FinalAsync(Cancel);
            return $"{head.Status} {head.Reason}";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    /// <summary>Gives at most so many bytes in each read.</summary>
    private sealed class PiecesStream(byte[] bytes, int[] pieces) : MemoryStream(bytes)
    {
        private int _piece;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(_piece < pieces.Length ? buffer[..Math.Min(buffer.Length, pieces[_piece++])] : buffer, cancellationToken);
    }
}
