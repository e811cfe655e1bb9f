using CallMirror.Capture.Calls;
using CallMirror.Capture.Engine;
using CallMirror.Contracts;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Unclaimed;

/// <summary>
/// Watches what no call claims for calls whose SDP the tap has missed. It tells sip-tracker of each that is steady, and sip-tracker, which knows
/// what is being offered and what ended a moment ago, decides. What is nobody's still is told again: whose it is may be clear by then. Bounded: beyond so many senders new ones are not watched, and counted.
/// </summary>
internal sealed class MediaFinder(CaptureOptions options, ControlOrder control, UnclaimedPackets unclaimed, CaptureCounters counters)
{
    private const int MaxSources = 16_384;

    // Well within the time for which packets are kept: a call that is found late has its beginning.
    private const long AskAgainNs = 4_000_000_000;

    private readonly Dictionary<MediaPath, SteadySource> _sources = [];
    private readonly List<MediaPath> _idle = [];
    private readonly long _steadyNs = (long)options.FoundAfter.TotalNanoseconds;
    private readonly long _idleNs = (long)options.UnclaimedFor.TotalNanoseconds;
    private long _sweptNs = long.MinValue;

    /// <summary>Senders that are being watched.</summary>
    public int Count => _sources.Count;

    /// <summary>Looks at a packet that is in the ring; what is found is to be told to sip-tracker.</summary>
    public MediaFound? Watch(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (!RtpPacket.TryParse(payload, out var packet, out _) || !SteadySource.IsCandidate(packet))
            return null;
        Sweep(timeNs);
        if (SourceOf(path) is not { } source || !source.Take(packet, timeNs, _steadyNs, _idleNs) || source.WasTold(timeNs, AskAgainNs))
            return null;
        source.ToldNs = timeNs;
        // Both directions are one call.
        bool isKnown = _sources.TryGetValue(path.Reverse, out var back) && back.WasTold(timeNs, AskAgainNs) && timeNs - back.LastNs <= _idleNs;
        return isKnown || unclaimed.OldestBetween(path) is not var (first, firstNs) ? null : Found(first, firstNs, packet.PayloadType, timeNs);
    }

    private SteadySource? SourceOf(in MediaPath path)
    {
        if (_sources.TryGetValue(path, out var source))
            return source;
        if (_sources.Count < MaxSources)
            return _sources[path] = new SteadySource();
        counters.Unwatched++;
        return null;
    }

    // By packets' time, and no more often than something can become idle. A clock that was set back makes all begin anew.
    private void Sweep(long timeNs)
    {
        if (_sweptNs != long.MinValue && timeNs >= _sweptNs && timeNs - _sweptNs <= _idleNs)
            return;
        _sweptNs = timeNs;
        foreach (var (path, source) in _sources)
            if (timeNs < source.LastNs || timeNs - source.LastNs > _idleNs)
                _idle.Add(path);
        foreach (var path in _idle)
            _sources.Remove(path);
        _idle.Clear();
    }

    private MediaFound Found(in MediaPath first, long firstNs, byte payloadType, long nowNs)
    {
        counters.Found++;
        return new MediaFound
        {
            CaptureId = control.CaptureId,
            Sequence = control.Next(),
            CallId = CallId(first, firstNs),
            CapturedAt = CaptureTime.ToDateTime(nowNs),
            StartedAt = CaptureTime.ToDateTime(firstNs),
            Source = first.Source.ToString(),
            Destination = first.Destination.ToString(),
            PayloadType = payloadType,
            AnswerRequested = true,
        };
    }

    // The time is in it because the same ports carry the next call too.
    private static string CallId(in MediaPath first, long firstNs)
    {
        string[] ends = [Name(first.Source), Name(first.Destination)];
        Array.Sort(ends, StringComparer.Ordinal);
        return FormattableString.Invariant($"rtp-{ends[0]}-{ends[1]}-{CaptureTime.ToDateTime(firstNs).ToUnixTimeMilliseconds()}");
    }

    private static string Name(TransportAddress end) => FormattableString.Invariant($"{end.ToAddressString()}-{end.Port}");
}
