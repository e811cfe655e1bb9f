using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.WsGateway.Assembly;

namespace CallMirror.WsGateway.Tests.Assembly;

public sealed class StreamBacklogTests : IDisposable
{
    private readonly StreamBacklog _backlog = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(600));

    public void Dispose() => _backlog.Dispose();

    [Fact]
    public void What_was_taken_and_not_flushed_is_taken_again()
    {
        Fill(0, 3200);
        _backlog.Next();
        _backlog.MarkFlushed();
        _backlog.Next();
        _backlog.Next();

        Assert.Equal(0, _backlog.Rewind(_backlog.Flushed));
        Assert.Equal(Pcm.Bytes(0, 320, 3200), Outputs.Of(_backlog).Audio);
    }

    [Fact]
    public void A_listener_that_acknowledges_gets_everything_after_its_last_word()
    {
        Fill(0, 1600);
        _ = Outputs.Of(_backlog);
        _backlog.Acknowledge(777);
        Fill(1600, 2377);

        Assert.Equal(0, _backlog.Rewind(777));
        Assert.Equal(Pcm.Bytes(0, 777, 2377), Outputs.Of(_backlog).Audio);
    }

    [Fact]
    public void What_is_no_longer_kept_becomes_silence_with_a_gap()
    {
        Fill(0, 320);
        _ = Outputs.Of(_backlog);
        _backlog.Acknowledge(100);
        for (int i = 1; i < 20; i++)
        {
            Fill(i * 320, (i + 1) * 320);
            _backlog.Next();
            _backlog.MarkFlushed();
        }

        // 100 ms are 1600 samples: five of twenty frames.
        Assert.Equal(4800 - 100, _backlog.Rewind(100));
        var outputs = Outputs.Of(_backlog);
        Assert.Equal([.. Pcm.Silence(4700), .. Pcm.Bytes(0, 4800, 6180)], outputs.Audio);
        Assert.Equal((MarkKind.Gap, 100L, 4700u), outputs.Events.Select(e => (e.Mark.Kind, e.Mark.Position, e.Mark.Value)).Single());
    }

    [Fact]
    public void While_an_ack_is_awaited_more_is_kept_and_nothing_that_is_not_acknowledged_counts_as_the_listeners()
    {
        _backlog.AwaitsAck = true;
        Fill(0, 6400);
        _ = Outputs.Of(_backlog);

        Assert.Equal(0, _backlog.Secured);
        Assert.Equal(0, _backlog.Rewind(0));
        Assert.Equal(Pcm.Bytes(0, 0, 6400), Outputs.Of(_backlog).Audio);

        // 600 ms are 9600 samples: of 12,800 the first are let go.
        Fill(6400, 12_800);
        _ = Outputs.Of(_backlog);
        Assert.Equal(12_800 - 9600, _backlog.Secured);

        _backlog.AwaitsAck = false;
        Assert.Equal(12_800, _backlog.Secured);
    }

    [Fact]
    public void A_plain_listener_keeps_no_chunk_alive()
    {
        var chunk = new MediaBuffer();
        Pcm.Bytes(0, 0, 3200).CopyTo(chunk.Append(6400));
        _backlog.Begin(0, Chunks.Rate);
        _backlog.AppendAudio(chunk, chunk.Memory);
        _ = Outputs.Of(_backlog);

        chunk.Dispose();
        Assert.Throws<ObjectDisposedException>(() => chunk.Memory);
    }

    [Fact]
    public void A_chunk_is_let_go_once_its_whole_frames_are_acknowledged_though_a_rest_waits_for_the_next()
    {
        using var backlog = new StreamBacklog(TimeSpan.FromMinutes(1));
        var chunk = new MediaBuffer();
        Pcm.Bytes(0, 0, 3488).CopyTo(chunk.Append(2 * 3488));
        backlog.Begin(0, Chunks.Rate);
        backlog.AppendAudio(chunk, chunk.Memory);
        chunk.Dispose();
        Assert.Equal(Pcm.Bytes(0, 0, 3200), Outputs.Of(backlog).Audio);
        backlog.Acknowledge(3199);
        Assert.Equal(2 * 3488, chunk.Memory.Length);

        backlog.Acknowledge(3200);
        Assert.Throws<ObjectDisposedException>(() => chunk.Memory);
        Append(backlog, 3488, 6976);
        Assert.Equal(Pcm.Bytes(0, 3200, 6720), Outputs.Of(backlog).Audio);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_chunks_acknowledgements_and_reconnects_come_each_sample_is_sent_where_it_belongs(int seed)
    {
        var random = new Random(seed);
        using var backlog = new StreamBacklog(TimeSpan.FromMinutes(1));
        backlog.Begin(0, Chunks.Rate);
        long end = 0;
        long acked = -1;
        for (int step = 0; step < 5_000; step++)
        {
            if (random.Next(3) == 0 && backlog.Flushed > acked)
                backlog.Acknowledge(acked = random.NextInt64(Math.Max(0, acked), backlog.Flushed + 1));
            if (random.Next(20) == 0)
                Assert.Equal(0, backlog.Rewind(Math.Max(0, acked)));
            long from = backlog.Cursor;
            // Some chunks are shorter than a frame, and some of their ends are those of frames.
            long to = end + (random.Next(3) == 0 ? 320 * random.Next(1, 6) : random.Next(1, 2_000));
            Append(backlog, end, to);
            end = to;

            var outputs = Outputs.Of(backlog);
            Assert.Equal(Pcm.Bytes(0, from, from + (outputs.Audio.Length / 2)), outputs.Audio);
            Assert.InRange(end - backlog.Cursor, 0, 319);
        }
    }

    [Fact]
    public void Events_flushed_to_a_plain_listener_are_not_sent_again()
    {
        Fill(0, 640);
        _backlog.AppendEvent(Chunks.Dtmf(320, 5));
        _ = Outputs.Of(_backlog);

        _backlog.Rewind(_backlog.Flushed);
        Assert.False(_backlog.HasOutput);
    }

    [Fact]
    public void Events_after_the_acknowledged_sample_are_sent_again()
    {
        Fill(0, 960);
        _backlog.AppendEvent(Chunks.Dtmf(320, 1));
        _backlog.AppendEvent(Chunks.Dtmf(640, 2));
        _ = Outputs.Of(_backlog);
        _backlog.Acknowledge(500);

        _backlog.Rewind(500);
        Assert.Equal([2], Outputs.Of(_backlog).Events.Select(e => (int)e.Mark.Code));
    }

    [Fact]
    public void A_listener_that_has_more_than_was_sent_here_gets_only_the_rest()
    {
        Fill(0, 640);
        _backlog.Rewind(960);
        Assert.False(_backlog.HasOutput);
        Fill(640, 1280);

        Assert.Equal(Pcm.Bytes(0, 960, 1280), Outputs.Of(_backlog).Audio);
    }

    [Fact]
    public void The_end_is_given_again_after_a_rewind()
    {
        Fill(0, 320);
        _backlog.Complete(EndReason.Bye);
        Assert.True(Outputs.Of(_backlog).Ended);
        Assert.True(_backlog.IsDrained);

        _backlog.Rewind(320);
        Assert.True(Outputs.Of(_backlog).Ended);
    }

    private void Fill(long from, long to)
    {
        if (!_backlog.HasBegun)
            _backlog.Begin(from, Chunks.Rate);
        Append(_backlog, from, to);
    }

    private static void Append(StreamBacklog backlog, long from, long to)
    {
        var chunk = new MediaBuffer();
        byte[] bytes = Pcm.Bytes(0, from, to);
        bytes.CopyTo(chunk.Append(bytes.Length));
        backlog.AppendAudio(chunk, chunk.Memory);
        chunk.Dispose();
    }
}
