using CallMirror.Capture.Engine;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Engine;

/// <summary>Damaged frames, times and events through the whole engine: nothing throws, and everything that comes out can be read.</summary>
public sealed class EngineFuzzTests
{
    private const int FramesPerSeed = 50_000;
    private static readonly LinkType[] Links = Enum.GetValues<LinkType>();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_damaged_frame_breaks_the_engine(int seed)
    {
        var mutator = new Mutator(seed, Corpus());
        var fuzz = new Fuzz(seed);
        try
        {
            for (int i = 0; i < FramesPerSeed; i++)
                fuzz.Step(mutator.Next());
            fuzz.Finish();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{mutator} failed", exception);
        }

        // A fuzzer whose inputs all die at the first check tests nothing.
        var counters = fuzz.Engine.Counters;
        Assert.True(counters.Rtp > 1000 && counters.Sip > 100 && counters.Batches > 100);
        Assert.All(
            (DropReason[])[DropReason.NotReadable, DropReason.Fragment, DropReason.NotSipOrRtp, DropReason.Rtcp, DropReason.NoCall, DropReason.BadSip, DropReason.BadRtp, DropReason.UnknownPayloadType],
            reason => Assert.NotEqual(0, counters.Dropped(reason)));
    }

    private static List<byte[]> Corpus()
    {
        List<byte[]> corpus = [];
        for (int i = 0; i < 40; i++)
        {
            corpus.Add(FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(i, (uint)i * 160, 1, 8, Line.Voice(i, 160))));
            corpus.Add(FrameBuilder.Udp(Line.Pbx, Line.Caller, Line.RtpBytes(i, (uint)i * 160, 2, (byte)(i % 3 == 0 ? 101 : 0), Line.Voice(i, 4 + i))));
        }

        corpus.AddRange(FrameBuilder.UdpFragments(Line.Caller, Line.Pbx, Line.RtpBytes(1, 1, 1, 8, Line.Voice(1, 2000)), 1, 800));
        corpus.Add(FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes()));
        foreach (string capture in (string[])["rtcp", "sip-over-tcp", "big-invite-fragments", "dtmf"])
            corpus.AddRange(PcapReader.Read(TestData.Capture(capture)).Take(40).Select(packet => packet.Frame));
        return corpus;
    }

    private sealed class Fuzz
    {
        private readonly Random _random;
        private readonly Line _line;
        private long _nowNs = Line.EpochNs;
        private int _call;

        public Fuzz(int seed)
        {
            _random = new Random(seed);
            _line = new Line(options => (options.UnclaimedBytes, options.MaxCalls, options.MediaTimeout) = (65_536, 5, TimeSpan.FromSeconds(5)));
            _line.Negotiate(callId: "0");
        }

        public CaptureEngine Engine => _line.Engine;

        public void Step(ReadOnlySpan<byte> frame)
        {
            _nowNs = _random.Next(2000) switch
            {
                0 => long.MinValue + _random.Next(),
                1 => long.MaxValue - _random.Next(),
                2 => Line.EpochNs + _random.NextInt64(10_000_000_000),
                _ => Math.Clamp(_nowNs, 0, 1L << 61) + _random.Next(-500, 4_000_000),
            };
            if (_nowNs is < 0 or > 1L << 61 || Math.Abs(_nowNs - Line.EpochNs) > 1L << 55)
                _nowNs = _random.Next(3) == 0 ? _nowNs : Line.EpochNs;
            Engine.Accept(_random.Next(50) == 0 ? Links[_random.Next(Links.Length)] : LinkType.Ethernet, frame, _nowNs);
            if (_random.Next(500) == 0)
                Happen();
            Drain();
        }

        public void Finish()
        {
            Engine.Finish(EndReason.Stopped);
            Drain();
            Assert.Equal(0, Engine.CallCount);
        }

        private void Happen()
        {
            double ms = (_nowNs - Line.EpochNs) / 1e6;
            if (Math.Abs(ms) > 1e9)
                return;
            if (_random.Next(4) == 0)
                Engine.Apply((CallEvent)new CallHeld { CallId = $"{_call}", At = Line.At(ms), By = _random.Next(256) });
            else if (_random.Next(2) == 0)
                _line.End(ms, callId: $"{_call}");
            else
                _line.Negotiate(ms, callId: $"{++_call}", pbx: Line.Pbx.WithPort(_random.Next(4) == 0 ? 0 : Line.Pbx.Port));
        }

        private void Drain()
        {
            while (Engine.TryTakeEffect(out var effect))
            {
                // Most answers come, some late, some never.
                if (effect.Sip is { } sip && _random.Next(20) != 0)
                    Engine.Answered(sip.CallId, sip.Sequence);
                if (effect.Found is { } found)
                    Engine.Answered(found.CallId, found.Sequence);
                if (effect.Batch is not { } batch)
                    continue;
                Assert.True(MediaMessage.TryParse(batch.Memory.Span, out var message, out var error), $"{error}");
                foreach (var section in message)
                    Assert.InRange(section.Role, 0, 1);
                batch.Dispose();
            }
        }
    }
}
