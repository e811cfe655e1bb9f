using CallMirror.Capture.Streams;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture;

/// <summary>Why a packet went no further.</summary>
public enum DropReason
{
    /// <summary>The frame holds no UDP or TCP that can be read.</summary>
    NotReadable,

    /// <summary>The snapshot length of the capture has cut the frame short: its datagram is not whole.</summary>
    CutShort,

    /// <summary>A piece of an IP datagram: what it is a piece of is counted once it is whole.</summary>
    Fragment,

    /// <summary>Neither SIP nor RTP.</summary>
    NotSipOrRtp,

    /// <summary>RTCP, which nobody reads yet.</summary>
    Rtcp,

    /// <summary>RTP that no call announced while it was kept.</summary>
    NoCall,

    /// <summary>RTP of no known call, pushed out by more of it.</summary>
    UnclaimedFull,

    /// <summary>RTP that waited for what sip-tracker says of the SIP before it, pushed out by more of it: sip-tracker has been away for too long.</summary>
    UndecidedFull,

    /// <summary>RTP of a party that has lost: another fork of its call has answered.</summary>
    LostFork,

    /// <summary>RTP of somebody who goes on sending though the call is over.</summary>
    AfterEnd,

    /// <summary>Of a file: RTP that was in a call which has ended, once more, from a capture whose clock is behind.</summary>
    LateCopy,

    /// <summary>A second copy of a SIP message from the mirror.</summary>
    SipDuplicate,

    /// <summary>Something that begins like SIP and does not parse.</summary>
    BadSip,

    /// <summary>SRTP.</summary>
    Encrypted,

    /// <summary>RTP that does not parse.</summary>
    BadRtp,

    /// <summary>A payload type that nobody negotiated.</summary>
    UnknownPayloadType,

    /// <summary>A codec that is not decoded yet.</summary>
    UnsupportedCodec,

    /// <summary>A telephone event that does not parse.</summary>
    BadTelephoneEvent,

    /// <summary>Audio that would have to be placed more than ten seconds ahead of its arrival; of a file all is placed.</summary>
    AheadOfClock,

    /// <summary>What a second source said while another was the role's.</summary>
    SecondSource,

    /// <summary>Silence in which a stream that stood behind its time came back to it.</summary>
    LateSilence,

    /// <summary>Audio beyond what one message can hold: thousands of runs of a sample or two.</summary>
    WindowFull,

    /// <summary>Telephone events or holds of one stream beyond what may wait for the audio before them.</summary>
    TooManyMarks,

    /// <summary>More calls at once than are allowed.</summary>
    TooManyCalls,

    /// <summary>A message for the control plane, which has been away for so long that too many wait.</summary>
    OutboxFull,

    /// <summary>A call event that can't be followed: a call-id longer than media messages carry, or a role that is none.</summary>
    BadCallEvent,
}

/// <summary>What a captured packet turned out to be.</summary>
public enum CapturedKind
{
    /// <summary>RTP, whether a call claims it or not.</summary>
    Rtp,

    /// <summary>RTCP.</summary>
    Rtcp,

    /// <summary>A UDP datagram that begins like SIP.</summary>
    Sip,

    /// <summary>A TCP segment, of SIP or not.</summary>
    Tcp,

    /// <summary>A piece of an IP datagram that is not whole yet.</summary>
    Fragment,

    /// <summary>Any other UDP datagram.</summary>
    Other,

    /// <summary>A frame with no UDP or TCP that can be read.</summary>
    Unreadable,
}

/// <summary>What capture did with the packets. Written by the capture loop alone; others may read at any time.</summary>
public sealed class CaptureCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<DropReason>().Length];
    private readonly long[] _kinds = new long[Enum.GetValues<CapturedKind>().Length];
    private readonly long[] _payloadTypes = new long[128];

    /// <summary>RTP packets that belong to a call.</summary>
    public long Rtp { get; internal set; }

    /// <summary>SIP messages sent on.</summary>
    public long Sip { get; internal set; }

    /// <summary>The link type of frames that can't be read because of it; null where there were none.</summary>
    public LinkType? UnreadLink { get; internal set; }

    /// <summary>RTP packets that the snapshot length has cut short.</summary>
    public long CutRtp { get; internal set; }

    /// <summary>SIP messages that the snapshot length has cut short.</summary>
    public long CutSip { get; internal set; }

    /// <summary>Media that no call claimed and that sip-tracker was told of.</summary>
    public long Found { get; internal set; }

    /// <summary>Packets that no call claimed and that were not looked at for media, since too many senders were being looked at.</summary>
    public long Unwatched { get; internal set; }

    /// <summary>Media messages made.</summary>
    public long Batches { get; internal set; }

    /// <summary>Streams of running calls that have had audio.</summary>
    public long Streams { get; internal set; }

    /// <summary>RTP packets of calls that never came, by sequence number.</summary>
    public long Lost { get; internal set; }

    /// <summary>RTP packets of calls that came after their place had been given up.</summary>
    public long Late { get; internal set; }

    /// <summary>Second copies of RTP packets of calls.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>RTP packets of calls that came out of order and were put back.</summary>
    public long Reordered { get; internal set; }

    /// <summary>Packets of a kind; each packet is of one.</summary>
    public long Of(CapturedKind kind) => Volatile.Read(ref _kinds[(int)kind]);

    /// <summary>The payload types of all RTP, whether a call claims it or not, with their counts.</summary>
    public IEnumerable<(int Type, long Count)> PayloadTypes() =>
        _payloadTypes.Select((count, type) => (type, count)).Where(pair => pair.count > 0);

    /// <summary>Packets dropped under a reason.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref _drops[(int)reason]);

    /// <summary>The reasons that occurred, with their counts.</summary>
    public IEnumerable<(DropReason Reason, long Count)> Drops() =>
        Enum.GetValues<DropReason>().Select(reason => (reason, Dropped(reason))).Where(pair => pair.Item2 > 0);

    internal void Saw(CapturedKind kind) => _kinds[(int)kind]++;

    internal void SawRtp(byte payloadType)
    {
        Saw(CapturedKind.Rtp);
        _payloadTypes[payloadType & 0x7F]++;
    }

    internal void Drop(CapturedKind kind, DropReason reason)
    {
        Saw(kind);
        Drop(reason);
    }

    internal void Add(in StreamCounts counts, in StreamCounts before)
    {
        Lost += counts.Lost - before.Lost;
        Late += counts.Late - before.Late;
        Duplicates += counts.Duplicates - before.Duplicates;
        Reordered += counts.Reordered - before.Reordered;
    }

    internal void Drop(DropReason reason, long count = 1) => _drops[(int)reason] += count;
}
