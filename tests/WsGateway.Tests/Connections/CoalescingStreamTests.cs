using CallMirror.TestKit;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

public sealed class CoalescingStreamTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Between_cork_and_uncork_all_writes_leave_as_one()
    {
        var socket = new RecordingStream();
        await using var stream = New(socket);
        stream.Cork();
        for (byte i = 0; i < 5; i++)
        {
            await stream.WriteAsync(new byte[] { i, i }, Cancel);
            await stream.FlushAsync(Cancel);
        }

        Assert.Empty(socket.Writes);
        await stream.UncorkAsync();
        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3, 4, 4], Assert.Single(socket.Writes));
    }

    [Fact]
    public async Task Otherwise_a_write_leaves_at_once()
    {
        var socket = new RecordingStream();
        await using var stream = New(socket);
        await stream.WriteAsync(new byte[] { 1 }, Cancel);
        stream.Cork();
        await stream.UncorkAsync();
        await stream.WriteAsync(new byte[] { 2 }, Cancel);

        Assert.Equal([[1], [2]], socket.Writes);
    }

    [Fact]
    public async Task More_than_64_kB_leaves_before_and_in_order()
    {
        var socket = new RecordingStream();
        await using var stream = New(socket);
        stream.Cork();
        byte[] expected = [.. Enumerable.Range(0, 200_000).Select(i => (byte)i)];
        foreach (byte[] part in expected.Chunk(648))
            await stream.WriteAsync(part, Cancel);
        Assert.Equal(3, socket.Writes.Count);

        await stream.UncorkAsync();
        Assert.Equal(expected, socket.Writes.SelectMany(write => write));
    }

    [Fact]
    public async Task A_socket_that_takes_nothing_fails_after_the_send_timeout()
    {
        var time = new ManualTimeProvider();
        await using var stream = new CoalescingStream(new StuckStream(), TimeSpan.FromSeconds(10), time);
        var write = stream.WriteAsync(new byte[10], Cancel).AsTask();
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(write.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(0.2));
        var failure = await Assert.ThrowsAsync<IOException>(() => write);
        Assert.Equal("the listener took nothing for 10 s", failure.Message);
    }

    private static CoalescingStream New(Stream socket) => new(socket, TimeSpan.FromSeconds(10), TimeProvider.System);

    private sealed class RecordingStream : MemoryStream
    {
        public List<byte[]> Writes { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(buffer.ToArray());
            return ValueTask.CompletedTask;
        }
    }

    private sealed class StuckStream : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
