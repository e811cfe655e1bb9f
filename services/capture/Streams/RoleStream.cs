using CallMirror.Capture.Windows;
using CallMirror.Contracts.Media;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// The audio of one role of one call: orders it, places it, and gathers it for the window at hand. Knows no clock but the packets'.
/// </summary>
internal sealed class RoleStream
{
    // A call changes its SSRC once in a while; more at a time than this is noise.
    private const int MaxSources = 8;

    /// <summary>Silence is declared as far as this behind the packets' time: later than any packet may still be placed.</summary>
    private static readonly long SilenceLag = MediaClock.Samples(TimeSpan.FromMilliseconds(500));

    private readonly MediaClock _clock;
    private readonly CaptureCounters _counters;
    private readonly SourceOrder.Receiver _place;
    private readonly long _reorderWaitNs;
    private readonly List<SourceOrder> _sources = [];
    private readonly StretchClock _stretch = new();
    private readonly StretchTail _tail = new();
    private readonly TelephoneEvents _events = new();
    private readonly WindowRuns _window = new();
    private readonly StreamMarks _marks = new();
    private StreamCounts _counts;
    private StreamCounts _told;
    private InterarrivalJitter _jitter = new(MediaClock.Rate);
    private long _through = -1;
    private bool _changed;

    // Packets of some source wait. Mostly none do, and then no source need be looked at, which a packet of every call in turn does not find in the cache.
    private bool _anyWaits;

    public RoleStream(byte role, MediaClock clock, long reorderWaitNs, CaptureCounters counters)
    {
        (Role, _clock, _reorderWaitNs, _counters) = (role, clock, reorderWaitNs, counters);
        _place = Place;
    }

    /// <summary>0 = caller, 1 = callee.</summary>
    public byte Role { get; }

    /// <summary>What the payload types mean.</summary>
    public PayloadMap Payloads { get; } = new();

    /// <summary>The payload can't be decrypted.</summary>
    public bool IsEncrypted { get; set; }

    /// <summary>The first sample has been placed.</summary>
    public bool HasBegun => _stretch.End >= 0;

    /// <summary>There is something to send.</summary>
    public bool HasNews => _changed || _marks.IsAnyDue(_through);

    /// <summary>Whether the last stretch may go on without a gap.</summary>
    private bool IsOpen => HasBegun && _through == _stretch.End;

    /// <summary>Arrival of its first packet; <see cref="long.MaxValue"/> before.</summary>
    public long FirstPacketNs { get; private set; } = long.MaxValue;

    /// <summary>What happened to its packets.</summary>
    public StreamCounts Counts => _counts with { Stretches = _stretch.Stretches };

    /// <summary>RFC 3550 A.8, in milliseconds.</summary>
    public double JitterMilliseconds => _jitter.Value * 1000 / MediaClock.Rate;

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
        var source = SourceFor(packet.Ssrc);
        source.Accept(packet, arrivalNs, ref _counts, _place);
        _anyWaits |= source.IsHolding;
    }

    /// <summary>Something happened to the call that belongs in its place among the audio.</summary>
    public void Mark(MarkKind kind, byte code, long timeNs) =>
        Add(new MediaMark { Position = _clock.PositionAt(timeNs), Kind = kind, Code = code });

    /// <summary>Time has come to <paramref name="nowNs"/>: gives up what waited too long, and declares silence as of <paramref name="silentNs"/>.</summary>
    public void Advance(long nowNs, long silentNs)
    {
        Expire(nowNs);
        if (!_anyWaits)
            DeclareSilence(silentNs);
    }

    /// <summary>The stream ends: nothing comes after <paramref name="endNs"/>.</summary>
    public void Finish(long endNs, byte reason)
    {
        Expire(long.MaxValue);
        if (HasBegun)
            _through = Math.Max(_through, _clock.PositionAt(endNs) - SilenceLag);
        _marks.End(Math.Max(0, _through), reason);
        if (HasBegun)
            _counters.Streams--;
    }

    /// <summary>Writes the stream's section, and begins a new window. A stream that has ended is never open.</summary>
    public void Write(ref MediaMessageWriter writer, bool ended)
    {
        bool open = IsOpen && !ended;
        writer.BeginSection(Role, open ? SectionFlags.Open : SectionFlags.None, _through);
        _tail.Write(ref writer);
        _window.Write(ref writer, _tail);
        _marks.Write(ref writer, ended ? long.MaxValue : _through);
        _changed = false;
        if (!open)
            _tail.Clear();
        // Once a window, not once a packet.
        _counters.Add(_counts, _told);
        _told = _counts;
    }

    private void Add(in MediaMark mark)
    {
        if (!_marks.TryAdd(mark))
            _counters.Drop(DropReason.TooManyMarks);
    }

    // Over all sources in the order in which their waits end: which of two sources goes first must not depend on when anyone looks.
    private void Expire(long nowNs)
    {
        if (!_anyWaits)
            return;
        SourceOrder? first;
        while ((first = FirstDue()) is not null && first.DueNs < nowNs)
            first.Expire(first.DueNs + 1, ref _counts, _place);
        _anyWaits = first is not null;
    }

    // The source whose packets have waited longest; null where none wait.
    private SourceOrder? FirstDue()
    {
        SourceOrder? first = null;
        foreach (var source in _sources)
            if (source.IsHolding && (first is null || source.DueNs < first.DueNs))
                first = source;
        return first;
    }

    // The source of the last packet stands last, and the one that was silent longest first.
    private SourceOrder SourceFor(Ssrc ssrc)
    {
        if (_sources is [.., var latest] && latest.Ssrc == ssrc)
            return latest;
        for (int i = 0; i < _sources.Count; i++)
        {
            var known = _sources[i];
            if (known.Ssrc != ssrc)
                continue;
            _sources.RemoveAt(i);
            _sources.Add(known);
            return known;
        }

        return AddSource(ssrc);
    }

    private SourceOrder AddSource(Ssrc ssrc)
    {
        if (_sources.Count == MaxSources)
        {
            _sources[0].Flush(ref _counts, _place);
            _sources.RemoveAt(0);
        }

        var source = new SourceOrder(ssrc, _reorderWaitNs);
        _sources.Add(source);
        return source;
    }

    // A packet that arrives from now on is placed at most Tolerance before its arrival. So a stretch that ended longer ago than that can't
    // be followed directly any more, and what lies SilenceLag back is silence for certain.
    private void DeclareSilence(long nowNs)
    {
        long now = _clock.PositionAt(nowNs);
        if (!HasBegun || now - SilenceLag <= _through)
            return;
        _through = now - SilenceLag;
        _changed = true;
    }

    private void Place(in RtpPacket packet, long arrivalNs, bool follows)
    {
        switch (Payloads[packet.PayloadType])
        {
            case PayloadMeaning.Pcma:
                PlaceAudio(packet, arrivalNs, follows, MediaCodec.Pcma);
                break;
            case PayloadMeaning.Pcmu:
                PlaceAudio(packet, arrivalNs, follows, MediaCodec.Pcmu);
                break;
            case PayloadMeaning.TelephoneEvent:
                PlaceEvent(packet, arrivalNs);
                break;
            case PayloadMeaning.ComfortNoise:
                break;
            case PayloadMeaning.Unsupported:
                _counters.Drop(DropReason.UnsupportedCodec);
                break;
            default:
                _counters.Drop(DropReason.UnknownPayloadType);
                break;
        }
    }

    private void PlaceAudio(in RtpPacket packet, long arrivalNs, bool follows, MediaCodec codec)
    {
        int samples = packet.Payload.Length;
        if (samples == 0)
            return;
        if (_window.IsFull)
        {
            _counters.Drop(DropReason.WindowFull);
            return;
        }

        long begun = HasBegun ? 0 : 1;
        if (!_stretch.TryPlace(packet, _clock.PositionAt(arrivalNs), follows, _through, samples, out long position))
        {
            _counters.Drop(DropReason.AheadOfClock);
            return;
        }

        _counters.Streams += begun;

        // A position is the RTP timestamp without the jumps between stretches and sources, which are no jitter of the network.
        _jitter.Update(new RtpTimestamp((uint)position), arrivalNs);
        _window.Append(
            new RunHeader { Position = position, Ssrc = packet.Ssrc.Value, Timestamp = packet.Timestamp.Value, Codec = codec },
            packet.Payload);
        _counts.Samples += samples;
        _through = _stretch.End;
        _changed = true;
    }

    private void PlaceEvent(in RtpPacket packet, long arrivalNs)
    {
        if (!TelephoneEvent.TryParse(packet.Payload, out var report, out _))
            _counters.Drop(DropReason.BadTelephoneEvent);
        else if (_events.IsNew(packet, report))
            Add(new MediaMark
            {
                Position = _stretch.PositionOf(packet, _clock.PositionAt(arrivalNs)),
                Kind = MarkKind.Dtmf,
                Code = report.Event,
            });
    }
}
