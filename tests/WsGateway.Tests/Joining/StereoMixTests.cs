using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using System.Text;
using CallMirror.Audio.Wav;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.TestKit;
using CallMirror.WsGateway.Joining;
using CallMirror.WsGateway.Protocol;
using CallMirror.WsGateway.Tests.Assembly;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.WsGateway.Tests.Joining;

/// <summary>Two roles in one stream, sample by sample at their positions.</summary>
public sealed class StereoMixTests : IDisposable
{
    private const int Frame = 320;
    private const int Rate = 16_000;
    private const int Margin = Rate / 2;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ListenerQueue _queue;
    private readonly StereoMix _mix;
    private readonly long[] _positions = new long[2];

    public StereoMixTests()
    {
        _queue = new ListenerQueue(TimeSpan.FromHours(1), new JoinMetrics(_services.GetRequiredService<IMeterFactory>()));
        var stream = new TappedStream(Identity(StreamIdentity.Stereo));
        stream.Add(_queue);
        _mix = new StereoMix(stream, [new TappedStream(Identity(0)), new TappedStream(Identity(1))]);
    }

    public void Dispose()
    {
        _mix.Dispose();
        _queue.Dispose();
        _services.Dispose();
    }

    public static byte[] Interleaved(long from, long to)
    {
        byte[] both = new byte[(to - from) * 4];
        Stereo.Interleave(MemoryMarshal.Cast<byte, short>(Pcm.Bytes(0, from, to)), MemoryMarshal.Cast<byte, short>(Pcm.Bytes(1, from, to)), MemoryMarshal.Cast<byte, short>(both.AsSpan()));
        return both;
    }

    [Fact]
    public void A_side_that_lags_is_waited_for()
    {
        Begin(0, 0);
        Begin(1, 0);
        Add(0, 10 * Frame);
        Assert.Empty(Heard().Audio);

        Add(1, 4 * Frame);

        var (audio, frames, _) = Heard();
        Assert.Equal(Interleaved(0, 4 * Frame), audio);
        Assert.All(frames, bytes => Assert.Equal(1280, bytes));
    }

    [Fact]
    public void In_mid_call_it_begins_where_both_are_known()
    {
        Begin(0, 1000);
        Begin(1, 5000);
        Add(0, 8000 - 1000);
        Add(1, 8000 - 5000);
        Assert.Equal(5000, _queue.Opening?.Position);
        Assert.Equal(Interleaved(5000, 5000 + (9 * Frame)), Heard().Audio);
    }

    [Fact]
    public void From_the_calls_beginning_it_begins_with_the_first_and_the_other_is_silent_until_it_speaks()
    {
        _mix.IsWhole = true;
        Begin(0, 1000);
        Begin(1, 1000 + Frame);
        Add(0, 2 * Frame);
        Add(1, Frame);
        Assert.Equal(1000, _queue.Opening?.Position);
        byte[] expected = Interleaved(1000, 1000 + (2 * Frame));
        Silence(expected, 1000, role: 1, 1000, 1000 + Frame);
        Assert.Equal(expected, Heard().Audio);
    }

    [Fact]
    public void A_side_that_has_not_begun_is_taken_for_silent_half_a_second_behind_and_loses_nothing_when_it_begins()
    {
        Begin(0, 0);
        Add(0, Margin - Frame);
        Assert.Null(_queue.Opening);
        Add(0, Margin);
        long silent = _positions[0] - Margin;
        long known = silent / Frame * Frame;

        Begin(1, known + 100);
        Add(1, Margin);

        long end = Math.Min(_positions[0], _positions[1]) / Frame * Frame;
        byte[] expected = Interleaved(0, end);
        Silence(expected, 0, role: 1, 0, known + 100);
        Assert.Equal(expected, Heard().Audio);
    }

    [Fact]
    public void When_both_have_ended_the_rest_comes_then_the_end()
    {
        Begin(0, 0);
        Begin(1, 0);
        Add(0, Frame + 7);
        Add(1, (2 * Frame) + 31);
        _mix.End(0, EndReason.Bye);
        _mix.Run();
        Assert.Null(_queue.Goodbye);
        _mix.End(1, EndReason.Bye);
        _mix.Run();

        var (audio, frames, texts) = Heard();
        byte[] expected = Interleaved(0, (2 * Frame) + 31);
        Silence(expected, 0, role: 0, Frame + 7, (2 * Frame) + 31);
        Assert.Equal(expected, audio);
        Assert.Equal([1280, 1280, 31 * 4], frames);
        Assert.Equal("""2684 {"type":"end","call_id":"call-1@pbx","tag":"call-1@pbx-stereo","position":671,"reason":"bye"}""", Assert.Single(texts));
        Assert.Same(Goodbye.Ended, _queue.Goodbye);
    }

    [Fact]
    public void Events_say_whose_they_are_and_what_stands_in_both_comes_once()
    {
        Begin(0, 0);
        Begin(1, 0);
        foreach (int role in new[] { 0, 1 })
            _mix.Event(role, new MediaMark { Kind = MarkKind.Hold, Position = 640, Code = 1 });
        _mix.Event(1, Chunks.Dtmf(320, 5));
        Add(0, 4 * Frame);
        Add(1, 4 * Frame);
        Assert.Equal(
            ["""1280 {"type":"dtmf","digit":"5","event":5,"position":320,"role":1}""", """2560 {"type":"hold","by":"callee","position":640}"""],
            Heard().Texts);
    }

    [Fact]
    public void However_the_two_sides_come_the_result_is_the_same()
    {
        var cases = from steps in Gen.Choose(0, 1).ListOf(60) from sizes in Gen.Choose(1, Frame).ListOf(60) select (Steps: steps.ToArray(), Sizes: sizes.ToArray());
        Properties.Hold(cases, given =>
        {
            using var one = new StereoMixTests();
            one.Begin(0, 77);
            one.Begin(1, 77);
            for (int i = 0; i < given.Steps.Length; i++)
                one.Add(given.Steps[i], given.Sizes[i]);
            one._mix.End(0, EndReason.Bye);
            one._mix.End(1, EndReason.Bye);
            one._mix.Run();
            long end = one._positions.Max();
            byte[] expected = Interleaved(77, end);
            for (int role = 0; role < 2; role++)
                Silence(expected, 77, role, one._positions[role], end);
            return one.Heard().Audio.SequenceEqual(expected);
        });
    }

    private static StreamIdentity Identity(int role) => new() { CallId = Chunks.CallId, Role = role, StartedAt = DateTimeOffset.UnixEpoch, TraceParent = "" };

    private void Begin(int role, long position)
    {
        _positions[role] = position;
        _mix.Begin(role, position, Rate);
    }

    private void Add(int role, int samples)
    {
        for (int done = 0; done < samples; done += Frame)
        {
            int length = Math.Min(Frame, samples - done);
            using var frame = new MediaBuffer();
            Pcm.Bytes(role, _positions[role], _positions[role] + length).CopyTo(frame.Append(length * 2));
            _positions[role] += length;
            _mix.Frame(role, frame);
        }

        _mix.Run();
    }

    private static void Silence(byte[] audio, long first, int role, long from, long to)
    {
        var samples = MemoryMarshal.Cast<byte, short>(audio.AsSpan());
        for (long position = from; position < to; position++)
            samples[(int)((position - first) * 2) + role] = 0;
    }

    private (byte[] Audio, List<int> Frames, List<string> Texts) Heard()
    {
        List<byte> audio = [];
        List<int> frames = [];
        List<string> texts = [];
        while (_queue.TryTake(out var piece))
        {
            if (piece.Owner is null)
            {
                texts.Add($"{audio.Count} {Encoding.UTF8.GetString(piece.Text.Span)}");
                continue;
            }

            audio.AddRange(piece.Owner.Memory.Span);
            frames.Add(piece.Owner.Length);
            piece.Owner.Dispose();
        }

        return ([.. audio], frames, texts);
    }
}
