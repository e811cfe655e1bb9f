using CallMirror.Capture.Engine;
using CallMirror.Capture.Streams;
using CallMirror.Capture.Windows;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Calls;

/// <summary>A call whose media is known: its two streams, and what ends it.</summary>
internal sealed class MirroredCall
{
    private const long NotEnded = long.MaxValue;

    // What comes again comes soon, and nobody holds and resumes as often meanwhile.
    private const int MaxTold = 32;

    private readonly byte[] _callIdUtf8;
    private readonly MediaClock _clock;
    private readonly RoleStream[] _streams;
    private readonly Queue<(MarkKind Kind, int By, long TimeNs)> _told = new();
    private EndReason _endReason;
    private uint _sequence;

    /// <param name="first">Its first negotiation.</param>
    /// <param name="nowNs">When that was heard: its media may have been announced long ago, to a capture that was there before this one.</param>
    /// <param name="callIdUtf8">Its call-id as media messages carry it.</param>
    /// <param name="order">Later calls have larger ones.</param>
    /// <param name="reorderWaitNs">How long packets wait for an earlier one.</param>
    /// <param name="counters">Where drops are counted.</param>
    public MirroredCall(MediaNegotiated first, long nowNs, byte[] callIdUtf8, long order, long reorderWaitNs, CaptureCounters counters)
    {
        (CallId, CorrelationId, Order, IsFound) = (first.CallId, first.CorrelationId, order, first.IsFound);
        _callIdUtf8 = callIdUtf8;
        _clock = new MediaClock(CaptureTime.ToNanoseconds(first.StartedAt));
        LastMediaNs = Math.Max(CaptureTime.ToNanoseconds(first.At), nowNs);
        _streams = [new RoleStream(0, _clock, reorderWaitNs, counters), new RoleStream(1, _clock, reorderWaitNs, counters)];
    }

    public string CallId { get; }

    public string? CorrelationId { get; }

    /// <summary>Capture time of position 0.</summary>
    public long EpochNs => _clock.EpochNs;

    /// <summary>Later calls have larger ones.</summary>
    public long Order { get; }

    /// <summary>It was found by its media, without SIP: its silence ends it.</summary>
    public bool IsFound { get; }

    public bool IsRunning => EndedNs == NotEnded;

    /// <summary>When SIP ended it, or never.</summary>
    public long EndedNs { get; private set; } = NotEnded;

    /// <summary>Arrival of its newest RTP packet.</summary>
    public long LastMediaNs { get; private set; }

    /// <summary>When its next message is due.</summary>
    public required CallWindow Window { get; init; }

    /// <summary>Addresses that it announced.</summary>
    public HashSet<TransportAddress> Addresses { get; } = [];

    public IReadOnlyList<RoleStream> Streams => _streams;

    /// <summary>What the payload types mean from now on.</summary>
    public void Negotiate(NegotiatedStream negotiated)
    {
        var stream = _streams[negotiated.Role];
        stream.Payloads.Apply(negotiated.Formats);
        stream.IsEncrypted = negotiated.Encrypted;
    }

    public void Accept(int role, in RtpPacket packet, long arrivalNs)
    {
        LastMediaNs = Math.Max(LastMediaNs, arrivalNs);
        _streams[role].Accept(packet, arrivalNs);
    }

    /// <summary>Hold and resume stand in both streams, once: after a crash of sip-tracker, or of the broker, it may be said again.</summary>
    public void Mark(MarkKind kind, int by, long timeNs)
    {
        if (_told.Contains((kind, by, timeNs)))
            return;
        if (_told.Count == MaxTold)
            _told.Dequeue();
        _told.Enqueue((kind, by, timeNs));
        foreach (var stream in _streams)
            stream.Mark(kind, (byte)by, timeNs);
    }

    public void End(long timeNs, EndReason reason)
    {
        if (IsRunning)
            (EndedNs, _endReason) = (timeNs, reason);
    }

    /// <summary>
    /// Time has come to <paramref name="nowNs"/>, but never beyond the end: what silence is declared must not depend on when it is looked at, nor
    /// on when it is known what SIP has said, which is so until <paramref name="knownUntilNs"/>.
    /// </summary>
    public void Advance(long nowNs, long knownUntilNs)
    {
        long now = Math.Min(nowNs, EndedNs);
        foreach (var stream in _streams)
            stream.Advance(now, Math.Min(now, knownUntilNs));
    }

    /// <summary>The last message follows.</summary>
    public void Finish()
    {
        foreach (var stream in _streams)
            stream.Finish(EndedNs, (byte)_endReason);
    }

    /// <summary>The message of the window at hand, or null where there is nothing to say.</summary>
    public MediaBuffer? Write(uint source, bool last)
    {
        if (!last && !_streams[0].HasNews && !_streams[1].HasNews)
            return null;
        var buffer = new MediaBuffer();
        var header = new MediaHeader
        {
            Kind = MediaKind.RtpBatch,
            Source = source,
            Sequence = _sequence++,
            SampleRate = MediaClock.Rate,
            Epoch = _clock.EpochNs,
            CapturedAt = LastMediaNs,
        };
        var writer = new MediaMessageWriter(buffer, header, _callIdUtf8);
        foreach (var stream in _streams)
            if (last || stream.HasNews)
                stream.Write(ref writer, ended: last);
        return buffer;
    }

    /// <summary>What was captured of it, once it is over.</summary>
    public CallFigures Figures() =>
        new(CallId, _endReason, CaptureTime.ToDateTime(EndedNs) - CaptureTime.ToDateTime(_clock.EpochNs), _streams[0].Counts, _streams[1].Counts);

    /// <summary>What was measured of the streams that had audio.</summary>
    public IEnumerable<StreamQuality> Quality()
    {
        foreach (var stream in _streams)
        {
            var counts = stream.Counts;
            if (counts.Packets == 0)
                continue;
            yield return new StreamQuality
            {
                CallId = CallId,
                CorrelationId = CorrelationId,
                StartedAt = CaptureTime.ToDateTime(_clock.EpochNs),
                At = CaptureTime.ToDateTime(EndedNs),
                Role = stream.Role,
                Packets = counts.Packets,
                Samples = counts.Samples,
                Lost = counts.Lost,
                Duplicates = counts.Duplicates,
                Late = counts.Late,
                Reordered = counts.Reordered,
                JitterMilliseconds = Math.Round(stream.JitterMilliseconds, 3),
                Stretches = counts.Stretches,
            };
        }
    }
}
