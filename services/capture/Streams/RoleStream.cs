using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// The audio of one role of one call: orders its packets, follows one source at a time, and has it placed and gathered for the window at hand. All that
/// waits is due by packets' time, and settled in the order in which it is due, so nothing depends on when anyone looks.
/// </summary>
internal sealed class RoleStream
{
    /// <summary>Silence is declared as far as this behind the packets' time: later than any packet may still be placed.</summary>
    private static readonly long DefaultSilenceLag = MediaClock.Samples(TimeSpan.FromMilliseconds(500));

    // What waits for its order is handed on before its source can count as stopped.
    private const long StopMarginNs = 100_000_000;

    private readonly MediaClock _clock;
    private readonly CaptureCounters _counters;
    private readonly SourceOrder.Receiver _place;
    private readonly RoleSources _sources;
    private readonly SourceChoice _choice;
    private readonly RoleAudio _audio;
    private readonly PayloadMap _payloads = new();
    private readonly List<UndecidedPacket> _taken = [];
    private readonly UnnamedEvents _unnamed = new();
    private readonly long _silenceLag;
    private StreamCounts _counts;
    private StreamCounts _told;

    // The source of the last packet: mostly the next one's too.
    private SourceOrder? _latest;

    // As the choice says, within reach of each packet.
    private Ssrc? _active;

    // The payload type of the last packet: mostly the next one's too.
    private byte? _latestType;
    private PayloadMeaning _latestMeaning;

    // Packets of some source wait. Mostly none do, and then no source need be looked at, which a packet of every call in turn does not find in the cache.
    private bool _anyWaits;

    /// <param name="role">0 = caller, 1 = callee.</param>
    /// <param name="clock">The call's.</param>
    /// <param name="reorderWaitNs">How long packets wait for an earlier one.</param>
    /// <param name="counters">Where drops are counted.</param>
    /// <param name="maxAhead">How far audio may stand ahead of its arrival, in samples.</param>
    /// <param name="silenceLag">How far behind the packets' time silence is declared, where it is not half a second: as long a stall is exact.</param>
    public RoleStream(
        byte role, MediaClock clock, long reorderWaitNs, CaptureCounters counters, long maxAhead = StretchClock.LiveAhead,
        TimeSpan? silenceLag = null)
    {
        (Role, _clock, _counters, _place) = (role, clock, counters, Place);
        _silenceLag = silenceLag is { } lag ? MediaClock.Samples(lag) : DefaultSilenceLag;
        _sources = new RoleSources(reorderWaitNs);
        _choice = new SourceChoice(reorderWaitNs + StopMarginNs, counters);
        _audio = new RoleAudio(clock, _silenceLag, counters, maxAhead);
    }

    /// <summary>0 = caller, 1 = callee.</summary>
    public byte Role { get; }

    /// <summary>The payload can't be decrypted.</summary>
    public bool IsEncrypted { get; set; }

    /// <summary>The first sample has been placed.</summary>
    public bool HasBegun => _audio.HasBegun;

    /// <summary>There is something to send.</summary>
    public bool HasNews => _audio.HasNews;

    /// <summary>Bytes of its section, but for marks.</summary>
    public int WrittenBytes => _audio.WrittenBytes;

    /// <summary>No SDP names the type of its telephone events: the call was found by its media.</summary>
    public bool LearnsEvents { get; set; }

    /// <summary>Arrival of its first packet; <see cref="long.MaxValue"/> before.</summary>
    public long FirstPacketNs { get; private set; } = long.MaxValue;

    /// <summary>What its sources have said, by their timestamps.</summary>
    public IEnumerable<(Ssrc Ssrc, (RtpTimestamp First, RtpTimestamp Last) Span)> Spoken =>
        _sources.All.Where(source => source.Span is not null).Select(source => (source.Ssrc, source.Span!.Value));

    /// <summary>What happened to its packets.</summary>
    public StreamCounts Counts => _counts with { Stretches = _audio.Stretches, Samples = _audio.Samples };

    /// <summary>RFC 3550 A.8, in milliseconds.</summary>
    public double JitterMilliseconds => _audio.JitterMilliseconds;

    /// <summary>Takes over what the payload types mean, as was negotiated.</summary>
    public void Negotiate(IReadOnlyList<PayloadFormat> formats)
    {
        _payloads.Apply(formats);
        _latestType = null;
    }

    /// <summary>Takes a packet as it arrives.</summary>
    public void Accept(in RtpPacket packet, long arrivalNs)
    {
        if (IsEncrypted)
        {
            _counters.Drop(DropReason.Encrypted);
            return;
        }

        FirstPacketNs = Math.Min(FirstPacketNs, arrivalNs);
        Expire(arrivalNs);
        var source = _latest is { } latest && latest.Ssrc == packet.Ssrc ? latest : _latest = _sources.Of(packet.Ssrc, ref _counts, _place);
        if (MeaningOf(packet.PayloadType) is PayloadMeaning.Pcma or PayloadMeaning.Pcmu or PayloadMeaning.TelephoneEvent)
            source.SpokeNs = arrivalNs;
        source.Accept(packet, arrivalNs, ref _counts, _place);
        _anyWaits |= source.IsHolding;
    }

    /// <summary>Something happened to the call that belongs in its place among the audio.</summary>
    public void Mark(MarkKind kind, byte code, long timeNs) =>
        _audio.Add(new MediaMark { Position = _clock.PositionAt(timeNs), Kind = kind, Code = code });

    /// <summary>Time has come to <paramref name="nowNs"/>: gives up what waited too long, and declares silence as of <paramref name="silentNs"/>.</summary>
    public void Advance(long nowNs, long silentNs)
    {
        Expire(nowNs);
        // Nothing waits for longer than the source that talks has been silent by a fifth of a second.
        if (!_anyWaits)
            _audio.DeclareSilence(_clock.PositionAt(silentNs) - _silenceLag);
    }

    /// <summary>The stream ends: nothing comes after <paramref name="endNs"/>.</summary>
    public void Finish(long endNs, byte reason)
    {
        Expire(long.MaxValue);
        _audio.DeclareSilence(_clock.PositionAt(endNs) - DefaultSilenceLag);
        _audio.Finish(reason);
        if (HasBegun)
            _counters.Streams--;
    }

    /// <summary>Writes the stream's section, and begins a new window. A stream that has ended is never open.</summary>
    public void Write(ref MediaMessageWriter writer, bool ended)
    {
        _audio.Write(ref writer, Role, ended);
        // Once a window, not once a packet.
        _counters.Add(_counts, _told);
        _told = _counts;
    }

    // In the order in which the waits end: which of two sources goes first must not depend on when anyone looks.
    private void Expire(long nowNs)
    {
        while (_anyWaits)
        {
            var source = _sources.FirstDue();
            long orderNs = source?.DueNs ?? long.MaxValue;
            long dueNs = Math.Min(orderNs, Math.Min(_audio.DueNs, _choice.DueNs));
            if (dueNs >= nowNs)
            {
                _anyWaits = dueNs != long.MaxValue;
                return;
            }

            if (dueNs == orderNs)
                source!.Expire(dueNs + 1, ref _counts, _place);
            else if (dueNs == _audio.DueNs)
                _audio.Decide();
            else
                SettleSources();
        }
    }

    private void SettleSources()
    {
        _choice.Settle(_sources.All, _clock.TimeOf(_audio.End), _taken);
        _active = _choice.Active;
        foreach (var (held, follows, meaning) in _taken)
        {
            _audio.Accept(held.Packet, held.ArrivalNs, follows, meaning);
            held.Release();
        }

        _taken.Clear();
    }

    private PayloadMeaning MeaningOf(byte payloadType)
    {
        if (payloadType != _latestType)
            (_latestType, _latestMeaning) = (payloadType, _payloads[payloadType]);
        return _latestMeaning;
    }

    private bool IsActive(Ssrc ssrc) => _active == ssrc;

    private void Place(in RtpPacket packet, long arrivalNs, bool follows)
    {
        var meaning = MeaningOf(packet.PayloadType);
        switch (meaning)
        {
            case PayloadMeaning.Pcma or PayloadMeaning.Pcmu:
                PlaceAudio(packet, arrivalNs, follows, meaning);
                break;
            case PayloadMeaning.TelephoneEvent when _choice.IsSecond(packet.Ssrc, arrivalNs):
                _counters.Drop(DropReason.SecondSource);
                break;
            case PayloadMeaning.TelephoneEvent:
                _audio.Accept(packet, arrivalNs, follows, meaning);
                break;
            case PayloadMeaning.ComfortNoise:
                break;
            case PayloadMeaning.Unsupported:
                _counters.Drop(DropReason.UnsupportedCodec);
                break;
            case PayloadMeaning.Unknown when LearnsEvents && IsActive(packet.Ssrc) && _unnamed.AreShownBy(packet):
                _payloads.LearnEvents(packet.PayloadType);
                _latestType = null;
                _audio.Accept(packet, arrivalNs, follows, PayloadMeaning.TelephoneEvent);
                break;
            default:
                _counters.Drop(DropReason.UnknownPayloadType);
                break;
        }
    }

    private void PlaceAudio(in RtpPacket packet, long arrivalNs, bool follows, PayloadMeaning meaning)
    {
        if (!IsActive(packet.Ssrc))
        {
            if (packet.Payload.Length == 0 || !_choice.TryTakeOver(_sources.Find(packet.Ssrc)!, packet, arrivalNs, follows, meaning))
            {
                _anyWaits = true;
                return;
            }

            _active = packet.Ssrc;
        }
        else if (_anyWaits)
        {
            _choice.Heard(arrivalNs);
        }

        _audio.Accept(packet, arrivalNs, follows, meaning);
        _anyWaits |= _audio.IsHolding;
    }
}
