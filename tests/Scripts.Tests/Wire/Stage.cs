using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Truth;
using CallMirror.TestKit;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>A frame as a mirror would show it.</summary>
internal readonly record struct Frame(long TimeNs, byte[] Bytes, LinkType Link = LinkType.Ethernet);

/// <summary>Gathers the frames of a script and what must become of them. Times are microseconds since the beginning of the script.</summary>
internal sealed class Stage
{
    /// <summary>When every script begins; a whole number of samples.</summary>
    public const long BeginningNs = 1_700_000_000_000_000_000;

    private const long NsPerSample = 125_000;

    private readonly List<Frame> _frames = [];

    public List<SentPacket> Sent { get; } = [];

    public List<CallTruth> Calls { get; } = [];

    /// <summary>Keys that were pressed.</summary>
    public List<(int Call, int Role, int Code)> Digits { get; } = [];

    /// <summary>The frames in the order of their times.</summary>
    public IReadOnlyList<Frame> InOrder(bool doubled)
    {
        IEnumerable<Frame> all = doubled ? _frames.SelectMany(frame => (Frame[])[frame, frame with { TimeNs = frame.TimeNs + 20_000 }]) : _frames;
        return [.. all.OrderBy(frame => frame.TimeNs)];
    }

    public static long Ns(long us) => BeginningNs + us * 1000;

    /// <summary>The sample that is heard at a time.</summary>
    public static long SampleAt(long us) => Ns(us) / NsPerSample;

    public void Udp(long us, TransportAddress from, TransportAddress to, ReadOnlySpan<byte> payload) =>
        _frames.Add(new Frame(Ns(us), FrameBuilder.Udp(from, to, payload)));
}
