using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Capture.Tests.Engine;

/// <summary>Wherever windows are cut, the same audio stands at the same positions, with the same marks and the same end.</summary>
public sealed class DeterminismTests
{
    private const string Twin = "twin";
    private static readonly int[] WindowsMs = [20, 37, 100, 450, 2000];

    public enum Happening
    {
        Talk, Lose, Swap, Twice, Late, Pause, TimestampJump, SequenceJump, Stray, Source, Overlap, Codec, Digit, Hold, Renegotiate, Claim, TimeBack, Bye,
    }

    private static readonly Gen<(Happening What, int Arg)[]> Scripts =
        (from what in Gen.Frequency((10, Gen.Constant(Happening.Talk)), (15, Gen.Choose(0, (int)Happening.TimeBack).Select(i => (Happening)i)), (1, Gen.Constant(Happening.Bye)))
         from arg in Gen.Choose(0, 999)
         select (what, arg)).ArrayOf(40);

    [Fact]
    public void Windows_of_any_length_give_the_same_audio_marks_and_end() => Properties.Hold(Scripts, Check);

    private static void Check((Happening What, int Arg)[] script)
    {
        var expected = Play(script, WindowsMs[^1]);
        foreach (int window in WindowsMs)
        {
            var line = Play(script, window);
            foreach (string call in (string[])[Line.CallId, Twin])
            {
                for (int role = 0; role < 2; role++)
                    AssertSame(expected, line, role, call);
            }

            Assert.Equal(expected.Quality, line.Quality);
            Assert.Equal(expected.Engine.Counters.Drops(), line.Engine.Counters.Drops());
        }
    }

    private static void AssertSame(Line expected, Line line, int role, string call)
    {
        Assert.Equal(expected.Audio(role, call), line.Audio(role, call));
        Assert.Equal(expected.Of(role, call).LastOrDefault()?.Through, line.Of(role, call).LastOrDefault()?.Through);
        Assert.Equal(Marks(expected, role, call), Marks(line, role, call));
        AssertSound(line.Of(role, call));
    }

    private static IEnumerable<(long, MarkKind, byte)> Marks(Line line, int role, string call) =>
        line.Of(role, call).SelectMany(section => section.Marks).Select(mark => (mark.Position, mark.Kind, mark.Code)).Order();

    // What the contract of media messages promises of any cut.
    private static void AssertSound(IEnumerable<Section> sections)
    {
        long through = -1;
        bool open = false;
        foreach (var section in sections)
        {
            Assert.True(section.Through >= through);
            long at = through;
            foreach (var run in section.Runs.Where(run => !run.IsHistory))
            {
                Assert.True(run.Position >= at);
                at = run.Position + run.Payload.Length;
            }

            Assert.True(section.Through >= at);
            Assert.Equal(open, section.History.Any());
            Assert.All(section.History.TakeLast(1), run => Assert.Equal(through, run.Position + run.Payload.Length));
            Assert.True(section.History.Sum(run => run.Payload.Length) <= MediaLayout.HistorySamples);
            Assert.All(section.Marks, mark => Assert.InRange(mark.Position, 0, Math.Max(0, section.Through)));
            (through, open) = (section.Through, section.IsOpen);
        }
    }

    private static Line Play((Happening What, int Arg)[] script, int windowMs)
    {
        var line = new Line(options => options.Window = TimeSpan.FromMilliseconds(windowMs)).Negotiate();
        line.Negotiate(callId: Twin, caller: Line.Caller, pbx: Line.Pbx.WithPort(1));
        var player = new Player(line);
        foreach (var (what, arg) in script)
            player.Play(what, arg);
        return line.Finish();
    }

    /// <summary>A phone, a mirror and a network with all their moods; and a second call that makes time pass.</summary>
    private sealed class Player(Line line)
    {
        private double _ms = 100;
        private int _number;
        private uint _timestamp;
        private uint _ssrc = 1;
        private byte _payloadType = 8;
        private bool _isOver;

        public void Play(Happening what, int arg)
        {
            // sip-tracker says nothing of a call after its end.
            if (_isOver && what is (Happening.Renegotiate or Happening.Claim or Happening.Hold))
                what = Happening.Talk;
            switch (what)
            {
                case Happening.Talk: Talk(1 + arg % 12); break;
                case Happening.Lose: Skip(1 + arg % 5); Talk(1 + arg % 2); break;
                case Happening.Swap: Send(+1); Send(0); Skip(2); Talk(arg % 2); break;
                case Happening.Twice: Send(0); Send(0); Skip(1); break;
                case Happening.Late: Late(arg); break;
                case Happening.Pause: Pass(arg); _timestamp += (uint)(arg % 2 * arg * 8); Talk(arg % 3); break;
                case Happening.TimestampJump: _timestamp += (uint)(arg % 2 == 0 ? 12_638 : -12_318); Talk(2); break;
                case Happening.SequenceJump: _number += 10_000 + arg; Talk(arg % 4); break;
                case Happening.Stray: line.Rtp(_ms, _number + 20_000, _timestamp, _ssrc); Pass(arg % 50); Talk(arg % 3); break;
                case Happening.Source: _ssrc++; _number = arg; _timestamp = (uint)arg * 1000; Talk(arg % 4); break;
                case Happening.Overlap: Overlap(arg); break;
                case Happening.Codec: _payloadType = (byte)(8 - _payloadType); Talk(2); break;
                case Happening.Digit: Digit(arg); break;
                case Happening.Hold: line.Engine.Apply((CallEvent)new CallHeld { CallId = Line.CallId, At = Line.At(_ms), By = arg % 2 }); Pass(arg); break;
                case Happening.Renegotiate: line.Negotiate(_ms, codec: arg % 2 == 0 ? "PCMA" : "G722"); Talk(2); break;
                case Happening.Claim: Claim(arg); break;
                case Happening.TimeBack: Pass(1); line.Rtp(_ms - 0.9, _number, _timestamp, _ssrc); Skip(1); break;
                default: line.End(_ms); _isOver = true; break;
            }
        }

        private void Talk(int packets)
        {
            for (; packets > 0; packets--)
            {
                Send(0);
                Skip(1);
            }
        }

        private void Send(int ahead) => line.Rtp(_ms, _number + ahead, _timestamp + (uint)(ahead * Line.Samples), _ssrc, _payloadType);

        private void Skip(int packets)
        {
            (_number, _timestamp) = (_number + packets, _timestamp + (uint)(packets * Line.Samples));
            Pass(20 * packets);
        }

        // Time passes for other calls too, or for nobody at all.
        private void Pass(int ms)
        {
            _ms += ms;
            if (ms % 3 != 0)
                line.Rtp(_ms, 0, from: Line.Caller.WithPort(77), to: Line.Pbx.WithPort(1));
        }

        private void Late(int arg)
        {
            var (number, timestamp) = (_number, _timestamp);
            Skip(1);
            Talk(arg % 7);
            line.Rtp(_ms, number, timestamp, _ssrc, _payloadType);
        }

        // The next source begins while the last one's packets still wait behind a gap.
        private void Overlap(int arg)
        {
            line.Rtp(_ms, _number + 1, _timestamp + Line.Samples, _ssrc);
            Pass(arg % 120);
            line.Rtp(_ms, 500, 0, ++_ssrc);
            Pass(arg % 140);
            (_number, _timestamp) = (501, Line.Samples);
        }

        private void Digit(int arg)
        {
            for (int i = 0; i < 3; i++, _number++)
            {
                line.Event(_ms, _number, _timestamp, (byte)(arg % 12), 160 * i, end: i == 2);
                Pass(20);
            }
        }

        // Media from an address that is announced only later, as a re-INVITE does, while the old media stops or goes on.
        private void Claim(int arg)
        {
            var moved = Line.Pbx.WithPort(20_000 + arg);
            for (int i = 0; i < 5; i++)
                line.Rtp(_ms += arg % 300, _number + i, _timestamp + (uint)(i * Line.Samples), _ssrc + (uint)(arg % 2), from: Line.Caller.WithPort(1), to: moved);
            Pass(arg);
            line.Negotiate(_ms, pbx: moved);
            _number += 5;
        }
    }
}
