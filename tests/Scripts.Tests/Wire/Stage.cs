using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Truth;
using CallMirror.TestKit;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>A frame as a mirror would show it.</summary>
internal readonly record struct Frame(long TimeNs, byte[] Bytes, LinkType Link = LinkType.Ethernet);

/// <summary>Gathers the frames of a script and what must become of them. Times are microseconds since the beginning of the script.</summary>
internal sealed class Stage(int seed)
{
    /// <summary>When every script begins; a whole number of samples.</summary>
    public const long BeginningNs = 1_700_000_000_000_000_000;

    private const long NsPerSample = 125_000;

    private readonly List<Frame> _frames = [];
    private readonly List<SentSip> _sip = [];

    public List<SentPacket> Sent { get; } = [];

    public List<CallTruth> Calls { get; } = [];

    /// <summary>Keys that were pressed.</summary>
    public List<(int Call, int Role, int Code)> Digits { get; } = [];

    /// <summary>The frames in the order of their times.</summary>
    public IReadOnlyList<Frame> InOrder(bool doubled)
    {
        var once = _frames.Concat(SipCarrier.Frames(_sip, seed));
        var all = doubled ? once.SelectMany(frame => (Frame[])[frame, frame with { TimeNs = frame.TimeNs + 20_000 }]) : once;
        return [.. all.OrderBy(frame => frame.TimeNs)];
    }

    public static long Ns(long us) => BeginningNs + us * 1000;

    /// <summary>The sample that is heard at a time.</summary>
    public static long SampleAt(long us) => Ns(us) / NsPerSample;

    /// <summary>A message that is whole on the wire at that time.</summary>
    public void Sip(long us, CallPlan plan, TransportAddress from, TransportAddress to, byte[] message)
    {
        if (plan.Carriage.Over == SipOver.Datagrams)
            Udp(us, from, to, message);
        else
            _sip.Add(new SentSip(us, from, to, message, plan.Carriage));
    }

    public void Udp(long us, TransportAddress from, TransportAddress to, ReadOnlySpan<byte> payload) =>
        _frames.Add(new Frame(Ns(us), FrameBuilder.Udp(from, to, payload)));
}
