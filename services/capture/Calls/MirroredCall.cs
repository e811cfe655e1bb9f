using CallMirror.Capture.Engine;
using CallMirror.Capture.Streams;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Calls;

/// <summary>A call whose media is known: its two streams, and what ends it.</summary>
internal sealed class MirroredCall
{
    private const long NotEnded = long.MaxValue;
    private const int Roles = 2;

    // A phone moves now and then, or is heard from elsewhere; who sends from everywhere at once gets no room for it.
    private const int MaxPaths = 64;

    // What comes again comes soon, and nobody holds and resumes as often meanwhile.
    private const int MaxTold = 32;

    private readonly byte[] _callIdUtf8;
    private readonly MediaClock _clock;
    private readonly PerRole<RoleStream> _streams;
    private readonly Queue<(MarkKind Kind, int By, long TimeNs)> _told = new();
    private readonly HashSet<MediaPath> _paths = [];
    private CallSenders _senders = new();
    private HeardRoles _heard = new();
    private readonly long _lingerNs;
    private CallByes? _byes;
    private EndReason _endReason;
    private DateTimeOffset? _answeredAt;
    private int _version;
    private uint _sequence;

    /// <param name="first">Its first negotiation.</param>
    /// <param name="nowNs">When that was heard: its media may have been announced long ago, to a capture that was there before this one.</param>
    /// <param name="callIdUtf8">Its call-id as media messages carry it.</param>
    /// <param name="order">Later calls have larger ones.</param>
    /// <param name="options">How long packets wait for an earlier one, and how long they are taken after the end.</param>
    /// <param name="counters">Where drops are counted.</param>
    /// <param name="maxAhead">How far audio may stand ahead of its arrival, in samples.</param>
    public MirroredCall(
        MediaNegotiated first, long nowNs, byte[] callIdUtf8, long order, CaptureOptions options, CaptureCounters counters,
        long maxAhead = StretchClock.LiveAhead)
    {
        long reorderWaitNs = (long)options.ReorderWait.TotalNanoseconds;
        _lingerNs = (long)options.Linger.TotalNanoseconds;
        (CallId, CorrelationId, Order, IsFound) = (first.CallId, first.CorrelationId, order, first.IsFound);
        _callIdUtf8 = callIdUtf8;
        _clock = new MediaClock(CaptureTime.ToNanoseconds(first.StartedAt));
        LastMediaNs = ToldRunningNs = Math.Max(CaptureTime.ToNanoseconds(first.At), nowNs);
        _streams[0] = Stream(0);
        _streams[1] = Stream(1);

        RoleStream Stream(byte role) => new(role, _clock, reorderWaitNs, counters, maxAhead);
    }

    public string CallId { get; }

    /// <summary>Its name: Call-ID and epoch.</summary>
    public CallKey Key => new(CallId, EpochNs);

    /// <summary>The Call-ID that SIP gave a call which was found.</summary>
    public string? SipCallId { get; set; }

    public string? CorrelationId { get; }

    /// <summary>Capture time of position 0.</summary>
    public long EpochNs => _clock.EpochNs;

    /// <summary>Later calls have larger ones.</summary>
    public long Order { get; }

    /// <summary>It was found by its media, and SIP has not told yet whose it is: its silence ends it.</summary>
    public bool IsFound { get; private set; }

    public bool IsRunning => EndedNs == NotEnded;

    /// <summary>When SIP ended it, or never.</summary>
    public long EndedNs { get; private set; } = NotEnded;

    /// <summary>Arrival of its newest RTP packet.</summary>
    public long LastMediaNs { get; private set; }

    /// <summary>When capture last told sip-tracker that its media runs.</summary>
    public long ToldRunningNs { get; set; }

    /// <summary>When somebody said BYE between its hosts, where its media may have stopped with it; a call that was found has no other end.</summary>
    public long? ByeNs => IsFound ? _byes?.First(LastMediaNs) : null;

    /// <summary>Caller and callee.</summary>
    public PartyAddresses[] Parties { get; } = [new(), new()];

    /// <summary>Addresses by which it is to be found: kept by <see cref="MediaRoutes"/>.</summary>
    public HashSet<TransportAddress> Addresses { get; } = [];

    /// <summary>What has sent its media, and where to.</summary>
    public IReadOnlyCollection<(TransportAddress Receiver, uint Ssrc)> Senders => _senders.All;

    public IReadOnlyList<RoleStream> Streams => [_streams[0], _streams[1]];

    /// <summary>Whether it was up at a time.</summary>
    public bool IsRunningAt(long timeNs) => timeNs <= EndedNs;

    /// <summary>Whether packets of a time are taken: both sides go on talking until they have seen the BYE.</summary>
    public bool IsTakenAt(long timeNs) => EndedNs == NotEnded || timeNs <= EndedNs + _lingerNs;

    /// <summary>
    /// Whether a packet may be its at all: none is that was captured before it began, and after its end only those of the paths and the senders that it had. Another sender
    /// on the same path is the next call.
    /// </summary>
    public bool MayTake(in MediaPath path, ReadOnlySpan<byte> rtp, long timeNs) =>
        timeNs >= EpochNs && (IsRunningAt(timeNs) || (IsTakenAt(timeNs) && _paths.Contains(path) && _senders.Has(path.Destination, rtp)));

    /// <summary>How surely a packet is of a role (<see cref="RouteScore"/>).</summary>
    public int ScoreOf(int role, in MediaPath path, long timeNs) =>
        RouteScore.Of(Parties[role].FitOf(path.Source, timeNs), Parties[1 - role].FitOf(path.Destination, timeNs));

    /// <summary>Whether one end of the packet is a fork of this call that has lost.</summary>
    public bool HasLost(in MediaPath path) =>
        Parties[0].HasLost(path.Source) || Parties[1].HasLost(path.Source) || Parties[0].HasLost(path.Destination) || Parties[1].HasLost(path.Destination);

    /// <summary>Somebody said BYE between its hosts.</summary>
    public void NoteBye(long timeNs) => (_byes ??= new CallByes(_lingerNs)).Add(timeNs, LastMediaNs);

    /// <summary>A path of its media.</summary>
    public void Remember(in MediaPath path)
    {
        _senders.PathChanges();
        if (_paths.Count < MaxPaths)
            _paths.Add(path);
    }

    /// <summary>Whether a path is one of its media.</summary>
    public bool Has(in MediaPath path) => _paths.Contains(path);

    /// <summary>Whether a role was heard within a span before a time.</summary>
    public bool WasHeard(int role, long nowNs, long withinNs) => _heard.WasHeard(role, nowNs, withinNs);

    /// <summary>Which sides are heard, where a side that is silent for a span is not.</summary>
    public HeardSides SidesAt(long nowNs, long spanNs) => _heard.SidesAt(nowNs, spanNs);

    /// <summary>The call was answered: of several forks the one that is negotiated with this has won.</summary>
    public void Answer(DateTimeOffset at)
    {
        _answeredAt ??= at;
        _heard.Expect(CaptureTime.ToNanoseconds(at));
    }

    /// <summary>Takes over addresses and payload types; false where a later negotiation is known already.</summary>
    public bool TryNegotiate(MediaNegotiated negotiated)
    {
        if (negotiated.Version < _version)
            return false;
        _version = negotiated.Version;
        IsFound = negotiated.IsFound;
        long untilNs = CaptureTime.ToNanoseconds(negotiated.At) + _lingerNs;
        bool isAnswer = negotiated.At == _answeredAt;
        Parties[0].Replace(NegotiatedAddresses.Of(negotiated, 0), NegotiatedAddresses.Hosts(negotiated.CallerHosts), isAnswer, untilNs);
        Parties[1].Replace(NegotiatedAddresses.Of(negotiated, 1), NegotiatedAddresses.Hosts(negotiated.CalleeHosts), isAnswer, untilNs);
        foreach (var stream in _streams)
        {
            stream.LearnsEvents = IsFound;
            Negotiate(stream, negotiated.Streams.Where(known => known.Role == stream.Role).ToList());
        }

        return true;
    }

    /// <summary>Takes a packet of a role.</summary>
    public void Accept(int role, in MediaPath path, in RtpPacket packet, long arrivalNs)
    {
        LastMediaNs = Math.Max(LastMediaNs, arrivalNs);
        _heard.Note(role, arrivalNs);
        // Nobody says that it was answered.
        if (IsFound)
            _heard.Expect(arrivalNs);
        _senders.Note(role, path.Destination, packet.Ssrc.Value);
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
        _heard.Mark(kind, by, timeNs);
        foreach (var stream in _streams)
            stream.Mark(kind, (byte)by, timeNs);
    }

    public void End(long timeNs, EndReason reason)
    {
        if (IsRunning)
            (EndedNs, _endReason) = (timeNs, reason);
    }

    /// <summary>
    /// Time has come to <paramref name="settledNs"/>, but never beyond the end: what silence is declared must not depend on when it is looked at.
    /// Whether a BYE was the end of a call that was found is known later, and until then no silence is declared beyond it.
    /// </summary>
    public void Advance(long settledNs)
    {
        long now = Math.Min(settledNs, EndedNs);
        long silentNs = IsRunning && ByeNs is { } byeNs ? Math.Min(now, byeNs) : now;
        foreach (var stream in _streams)
            stream.Advance(now, silentNs);
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
        // As long as it becomes: what waits for a broker that takes nothing holds no memory for more.
        var buffer = new MediaBuffer(
            MediaMessageWriter.BytesOfHead(_callIdUtf8.Length, Roles) + _streams[0].WrittenBytes + _streams[1].WrittenBytes);
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
                SipCallId = SipCallId,
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

    private static void Negotiate(RoleStream stream, List<NegotiatedStream> negotiated)
    {
        foreach (var one in negotiated)
            stream.Negotiate(one.Formats);
        if (negotiated.Count > 0)
            stream.IsEncrypted = negotiated.TrueForAll(one => one.Encrypted);
    }
}
