using System.Diagnostics.Metrics;
using System.Text;
using CallMirror.Contracts.Media;
using CallMirror.WsGateway.Joining;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.WsGateway.Tests.Joining;

/// <summary>What waits for one listener.</summary>
public sealed class ListenerQueueTests : IDisposable
{
    private const int FrameSamples = 320;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ListenerQueue _queue;
    private readonly List<MediaBuffer> _frames = [];

    public ListenerQueueTests()
    {
        // Five frames.
        _queue = new ListenerQueue(TimeSpan.FromSeconds(0.1), new JoinMetrics(_services.GetRequiredService<IMeterFactory>()));
        _queue.Open(0, 16_000);
    }

    public void Dispose()
    {
        _queue.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void What_fits_comes_out_as_it_went_in()
    {
        Offer(frames: 3);
        _queue.Offer(Piece.Of(PieceKind.Text, "dtmf"u8.ToArray()));
        Offer(frames: 2);
        Assert.Equal(["0", "320", "640", "dtmf", "960", "1280"], Taken());
    }

    [Fact]
    public void What_falls_off_is_one_gap()
    {
        Offer(frames: 9);
        Assert.Equal(["lost 0+1280", "1280", "1600", "1920", "2240", "2560"], Taken());
    }

    [Fact]
    public void Events_stay_in_their_place_between_what_fell_off()
    {
        Offer(frames: 2);
        _queue.Offer(Piece.Of(PieceKind.Text, "dtmf"u8.ToArray()));
        Offer(frames: 6);
        _queue.Offer(Piece.Of(PieceKind.End, "end"u8.ToArray()));
        Assert.Equal(["lost 0+640", "dtmf", "lost 640+320", "960", "1280", "1600", "1920", "2240", "end"], Taken());
    }

    [Fact]
    public void What_falls_off_while_a_gap_is_told_is_the_next_gap()
    {
        Offer(frames: 7);
        Assert.True(_queue.TryTake(out var gap));
        Offer(frames: 1);
        Assert.Equal(640, gap.Samples);
        Assert.Equal(["lost 640+320", "960", "1280", "1600", "1920", "2240"], Taken());
    }

    [Fact]
    public void Events_are_bounded_and_the_end_is_none_of_them()
    {
        for (int i = 0; i < 300; i++)
            _queue.Offer(Piece.Of(PieceKind.Text, "dtmf"u8.ToArray()));
        _queue.Offer(Piece.Of(PieceKind.End, "end"u8.ToArray()));
        var taken = Taken();
        Assert.Equal((257, "end"), (taken.Count, taken[^1]));
    }

    [Fact]
    public void Behind_a_goodbye_nothing_comes_and_the_first_one_counts()
    {
        Offer(frames: 1);
        _queue.Finish(Goodbye.Ended);
        _queue.Finish(Goodbye.Stopping);
        Offer(frames: 1);
        Assert.Equal(["0"], Taken());
        Assert.Same(Goodbye.Ended, _queue.Goodbye);
    }

    [Fact]
    public void Every_frame_is_given_back()
    {
        Offer(frames: 9);
        Assert.True(_queue.TryTake(out _));
        Assert.True(_queue.TryTake(out var frame));
        frame.Owner!.Dispose();
        _queue.Dispose();
        Offer(frames: 1);
        Assert.All(_frames, one => Assert.Throws<ObjectDisposedException>(() => one.Memory));
    }

    private void Offer(int frames)
    {
        for (int i = 0; i < frames; i++)
        {
            var frame = new MediaBuffer();
            frame.Append(FrameSamples * sizeof(short));
            _queue.Offer(Piece.Of(_frames.Count * FrameSamples, FrameSamples, frame));
            frame.Dispose();
            _frames.Add(frame);
        }
    }

    private List<string> Taken()
    {
        List<string> taken = [];
        while (_queue.TryTake(out var piece))
        {
            taken.Add(piece.Kind switch
            {
                PieceKind.Frame => $"{piece.Position}",
                PieceKind.Lost => $"lost {piece.Position}+{piece.Samples}",
                _ => Encoding.UTF8.GetString(piece.Text.Span),
            });
            piece.Owner?.Dispose();
        }

        return taken;
    }
}
