using System.Threading.Channels;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;
using CallMirror.TestKit;
using CallMirror.WsGateway.Calls;

namespace CallMirror.WsGateway.Tests.Calls;

public sealed class LaneReaderTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lane _lane = new();
    private readonly LaneReader _reader;

    public LaneReaderTests() => _reader = new LaneReader(_lane, _time, _stopping.Token);

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _lane.DisposeAsync();
        _stopping.Dispose();
    }

    [Fact]
    public async Task A_chunk_ends_the_wait()
    {
        var read = ReadAsync();
        Assert.False(read.IsCompleted);
        _lane.Give(7);
        Assert.Equal((LaneRead.Chunk, 7UL), await read);
    }

    [Fact]
    public async Task Silence_ends_the_wait_after_the_sooner_limit_and_the_next_chunk_is_not_lost()
    {
        var read = ReadAsync(overdueIn: Second / 2);
        _time.Advance((Second / 2) - TimeSpan.FromMilliseconds(1));
        Assert.False(read.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((LaneRead.Silence, 0UL), await read);

        _lane.Give(8);
        Assert.Equal((LaneRead.Chunk, 8UL), await ReadAsync());
        Assert.Equal(1, _lane.Reads);
    }

    [Fact]
    public async Task Whoever_wakes_it_ends_the_wait_and_the_next_chunk_is_not_lost()
    {
        var read = ReadAsync();
        _reader.Wake();
        Assert.Equal((LaneRead.Woken, 0UL), await read);

        read = ReadAsync();
        _lane.Give(9);
        Assert.Equal((LaneRead.Chunk, 9UL), await read);
    }

    [Fact]
    public async Task Whoever_wakes_it_between_two_waits_ends_the_next()
    {
        _reader.Wake();
        _reader.Wake();
        Assert.Equal((LaneRead.Woken, 0UL), await ReadAsync());
        Assert.False(ReadAsync().IsCompleted);
    }

    [Fact]
    public async Task After_old_news_it_waits_again()
    {
        var read = ReadAsync();
        _reader.Wake();
        Assert.Equal(LaneRead.Woken, (await read).Result);
        // It comes while nobody waits, but for the read that goes on; whether that is noticed before or after the next wait begins, the chunk is there.
        _lane.Give(5);
        List<(LaneRead Result, ulong Tag)> reads = [];
        while (!reads.Contains((LaneRead.Chunk, 5UL)))
            reads.Add(await ReadAsync());

        read = ReadAsync();
        if (read.IsCompleted)
            Assert.Equal(LaneRead.Woken, (await read).Result);
        _lane.Give(6);
        while (!reads.Contains((LaneRead.Chunk, 6UL)))
            reads.Add(read.IsCompleted ? await ReadAsync() : await read);
        Assert.All(reads, one => Assert.True(one.Result is LaneRead.Chunk or LaneRead.Woken));
    }

    [Fact]
    public async Task What_is_there_is_taken_without_a_wait()
    {
        _lane.Give(1);
        _lane.Give(2);
        Assert.Equal((LaneRead.Chunk, 1UL), await ReadAsync());
        Assert.True(_reader.TryRead(out var next));
        Assert.Equal(2UL, next.Tag);
        Assert.False(_reader.TryRead(out _));

        _lane.Give(3);
        Assert.Equal((LaneRead.Chunk, 3UL), await ReadAsync());
    }

    [Fact]
    public async Task That_the_lane_is_gone_is_said_whichever_way_it_is_found()
    {
        _lane.End();
        Assert.False(_reader.TryRead(out _));
        Assert.Equal(LaneRead.Gone, (await ReadAsync()).Result);
    }

    [Fact]
    public async Task A_stop_ends_the_wait_and_what_is_there_can_still_be_taken()
    {
        var read = ReadAsync();
        await _stopping.CancelAsync();
        Assert.Equal((LaneRead.Stopped, 0UL), await read);

        _lane.Give(4);
        Assert.True(_reader.TryRead(out var last));
        Assert.Equal(4UL, last.Tag);
    }

    [Fact]
    public async Task A_chunk_that_comes_for_a_reader_that_is_gone_is_let_go()
    {
        var read = ReadAsync();
        _reader.Wake();
        await read;
        _reader.Dispose();

        await _lane.Give(4).WhenReleasedAsync();
    }

    private async Task<(LaneRead Result, ulong Tag)> ReadAsync(TimeSpan? overdueIn = null)
    {
        var (result, delivery) = await _reader.ReadAsync(Second, overdueIn);
        return (result, delivery?.Tag ?? 0);
    }

    private sealed class Lane : IMediaConsumer
    {
        private readonly Channel<MediaDelivery> _chunks = Channel.CreateBounded<MediaDelivery>(16);

        public int? Prefetch => null;

        public int Reads { get; private set; }

        public MediaBuffer Give(ulong tag)
        {
            var chunk = new MediaBuffer();
            Assert.True(_chunks.Writer.TryWrite(new MediaDelivery(chunk, tag, Redelivered: false)));
            return chunk;
        }

        public void End() => _chunks.Writer.Complete();

        public async ValueTask<MediaDelivery?> ReadAsync(CancellationToken cancellationToken)
        {
            Reads++;
            while (true)
            {
                if (_chunks.Reader.TryRead(out var chunk))
                    return chunk;
                if (!await _chunks.Reader.WaitToReadAsync(cancellationToken))
                    return null;
            }
        }

        public ValueTask AcknowledgeAsync(MediaDelivery delivery, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RejectAsync(MediaDelivery delivery, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
