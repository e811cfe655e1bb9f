using CallMirror.Capture.Windows;
using CallMirror.Contracts.Media;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// What one role says: places the packets of the source that talks, in order, and gathers audio and marks for the window at hand. Packets that come late
/// wait until it is clear whether they were held up (<see cref="StallHold"/>). Knows no clock but the packets'.
/// </summary>
/// <param name="clock">Turns arrival into positions.</param>
/// <param name="silenceLag">Silence is declared as far behind the packets' time, so nothing is placed earlier. In samples.</param>
/// <param name="counters">Where drops are counted.</param>
/// <param name="maxAhead">How far audio may stand ahead of its arrival. In samples.</param>
internal sealed class RoleAudio(MediaClock clock, long silenceLag, CaptureCounters counters, long maxAhead)
{
    private StretchClock _stretch = new(maxAhead);
    private readonly StallHold _stall = new();
    private readonly List<UndecidedPacket> _decided = [];
    private readonly StretchTail _tail = new();
    private readonly TelephoneEvents _events = new();
    private WindowRuns _window = new();
    private readonly StreamMarks _marks = new();
    private InterarrivalJitter _jitter = new(MediaClock.Rate);
    private bool _changed;

    // As the hold says, within reach of each packet.
    private bool _isHolding;

    /// <summary>Everything before this has been said; -1 before the first sample.</summary>
    public long Through { get; private set; } = -1;

    /// <summary>The first sample has been placed.</summary>
    public bool HasBegun => _stretch.End >= 0;

    /// <summary>Where the last sample ends.</summary>
    public long End => _stretch.End;

    /// <summary>There is something to send.</summary>
    public bool HasNews => _changed || _marks.IsAnyDue(Through);

    /// <summary>Samples placed.</summary>
    public long Samples { get; private set; }

    /// <summary>Stretches begun.</summary>
    public int Stretches => _stretch.Stretches;

    /// <summary>RFC 3550 A.8, in milliseconds.</summary>
    public double JitterMilliseconds => _jitter.Value * 1000 / MediaClock.Rate;

    /// <summary>When what waits must be decided; <see cref="long.MaxValue"/> where nothing waits.</summary>
    public long DueNs => _stall.DueNs;

    /// <summary>Packets wait for a decision.</summary>
    public bool IsHolding => _isHolding;

    /// <summary>Takes a packet of G.711 or a telephone event, in order.</summary>
    public void Accept(in RtpPacket packet, long arrivalNs, bool follows, PayloadMeaning meaning)
    {
        if (_isHolding && (packet.Ssrc == _stall.Ssrc || meaning != PayloadMeaning.TelephoneEvent))
            AcceptBehindHeld(packet, arrivalNs, follows, meaning);
        else if (meaning == PayloadMeaning.TelephoneEvent)
            PlaceEvent(packet, arrivalNs, wasHeldUp: false);
        else
            AcceptAudio(packet, arrivalNs, follows, meaning);
    }

    /// <summary>Nothing more comes in time: decides by what has come.</summary>
    public void Decide()
    {
        if (_isHolding)
            Place(_stall.Last);
    }

    /// <summary>Takes a mark.</summary>
    public void Add(in MediaMark mark)
    {
        if (!_marks.TryAdd(mark))
            counters.Drop(DropReason.TooManyMarks);
    }

    /// <summary>Nobody has spoken until there.</summary>
    public void DeclareSilence(long position)
    {
        if (!HasBegun || position <= Through)
            return;
        Through = position;
        _changed = true;
    }

    /// <summary>The stream ends; marks behind its end move there.</summary>
    public void Finish(byte reason) => _marks.End(Math.Max(0, Through), reason);

    /// <summary>Bytes of its section, but for marks.</summary>
    public int WrittenBytes => _tail.WrittenBytes + _window.WrittenBytes;

    /// <summary>Writes the stream's section, and begins a new window. A stream that has ended is never open.</summary>
    public void Write(ref MediaMessageWriter writer, byte role, bool ended)
    {
        // Whether the last stretch may go on without a gap.
        bool open = HasBegun && Through == _stretch.End && !ended;
        writer.BeginSection(role, open ? SectionFlags.Open : SectionFlags.None, Through);
        _tail.Write(ref writer);
        _window.Write(ref writer, _tail);
        _marks.Write(ref writer, ended ? long.MaxValue : Through);
        _changed = false;
        if (!open)
            _tail.Clear();
    }

    private void AcceptAudio(in RtpPacket packet, long arrivalNs, bool follows, PayloadMeaning meaning)
    {
        long heard = clock.PositionAt(arrivalNs);
        if (packet.Payload.Length > 0 && _stretch.IsLate(packet, heard))
            Hold(packet, arrivalNs, follows, meaning);
        else
            PlaceAudio(packet, arrivalNs, new PlacingCue(heard, follows, Floor(heard)), CodecOf(meaning));
    }

    private static MediaCodec CodecOf(PayloadMeaning meaning) => meaning == PayloadMeaning.Pcma ? MediaCodec.Pcma : MediaCodec.Pcmu;

    // What lies there may have been declared silent when this packet came, whether it has been or not: so no window decides where it goes.
    private long Floor(long arrival) => Math.Max(Through, arrival - silenceLag);

    private void AcceptBehindHeld(in RtpPacket packet, long arrivalNs, bool follows, PayloadMeaning meaning)
    {
        if (packet.Ssrc != _stall.Ssrc)
        {
            Place(_stall.Last);
            Accept(packet, arrivalNs, follows, meaning);
        }
        else if (meaning == PayloadMeaning.TelephoneEvent)
        {
            _stall.Keep(new UndecidedPacket(new HeldPacket(packet, arrivalNs), follows, meaning));
        }
        else if (packet.Payload.Length > 0)
        {
            Hold(packet, arrivalNs, follows, meaning);
        }
    }

    private void Hold(in RtpPacket packet, long arrivalNs, bool follows, PayloadMeaning meaning)
    {
        long lateness = _stretch.LatenessOf(packet, clock.PositionAt(arrivalNs));
        var verdict = _stall.Add(new UndecidedPacket(new HeldPacket(packet, arrivalNs), follows, meaning), lateness);
        _isHolding = true;
        if (verdict != Verdict.Open)
            Place(verdict);
    }

    private void Place(Verdict verdict)
    {
        bool wasHeldUp = verdict == Verdict.Stall;
        // A pause is as long as the packet says that was held up least.
        long early = wasHeldUp ? 0 : _stall.Unevenness;
        _stall.TakeInto(_decided);
        _isHolding = false;
        foreach (var (held, follows, meaning) in _decided)
        {
            long arrival = clock.PositionAt(held.ArrivalNs);
            long heard = Math.Max(0, arrival - early);
            early = 0;
            if (meaning == PayloadMeaning.TelephoneEvent)
                PlaceEvent(held.Packet, held.ArrivalNs, wasHeldUp);
            else
                PlaceAudio(held.Packet, held.ArrivalNs, new PlacingCue(heard, follows, Floor(arrival), wasHeldUp), CodecOf(meaning));
            held.Release();
        }

        _decided.Clear();
    }

    private void PlaceAudio(in RtpPacket packet, long arrivalNs, in PlacingCue cue, MediaCodec codec)
    {
        int samples = packet.Payload.Length;
        if (samples == 0)
            return;
        if (_window.IsFull)
            counters.Drop(DropReason.WindowFull);
        else if (_stretch.IsAstray && QuietSamples.Are(packet.Payload, codec))
            PlaceQuiet(packet, arrivalNs, cue with { IsQuiet = true }, codec);
        else
            Append(packet, arrivalNs, cue, codec);
    }

    // Nobody speaks, so the stream comes back to its time: what is silent anyway is left out as far as it stands behind.
    private void PlaceQuiet(in RtpPacket packet, long arrivalNs, in PlacingCue cue, MediaCodec codec)
    {
        int leftOut = _stretch.IsBehindAt(packet) ? (int)Math.Min(_stretch.Behind, packet.Payload.Length) : 0;
        if (leftOut > 0)
            _stretch.LeaveOut(packet, leftOut);
        if (leftOut == 0)
            Append(packet, arrivalNs, cue, codec);
        else if (leftOut == packet.Payload.Length)
            counters.Drop(DropReason.LateSilence);
        else
            Append(new RtpPacket { Timestamp = packet.Timestamp + leftOut, Ssrc = packet.Ssrc, Payload = packet.Payload[leftOut..] }, arrivalNs, cue, codec);
    }

    private void Append(in RtpPacket packet, long arrivalNs, in PlacingCue cue, MediaCodec codec)
    {
        bool begins = !HasBegun;
        if (!_stretch.TryPlace(packet, cue, packet.Payload.Length, out long position))
        {
            counters.Drop(DropReason.AheadOfClock);
            return;
        }

        counters.Streams += begins ? 1 : 0;

        // A position is the RTP timestamp without the jumps between stretches and sources, which are no jitter of the network.
        _jitter.Update(new RtpTimestamp((uint)position), arrivalNs);
        _window.Append(
            new RunHeader { Position = position, Ssrc = packet.Ssrc.Value, Timestamp = packet.Timestamp.Value, Codec = codec },
            packet.Payload);
        Samples += packet.Payload.Length;
        Through = _stretch.End;
        _changed = true;
    }

    private void PlaceEvent(in RtpPacket packet, long arrivalNs, bool wasHeldUp)
    {
        if (!TelephoneEvent.TryParse(packet.Payload, out var report, out _))
            counters.Drop(DropReason.BadTelephoneEvent);
        else if (_events.IsNew(packet, report))
            Add(new MediaMark
            {
                Position = _stretch.PositionOf(packet, clock.PositionAt(arrivalNs), wasHeldUp),
                Kind = MarkKind.Dtmf,
                Code = report.Event,
            });
    }
}
