using CallMirror.Capture.Calls;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Streams;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Retiming;

/// <summary>
/// A capture without real times, with such as its RTP gives: time goes on as the timestamps of its G.711 do, from the time of its
/// first packet on, and what lies between has the time of what was before it.
/// </summary>
internal sealed class RetimedSource(IPacketSource inner) : IPacketSource
{
    private const int MostSenders = 4096;

    // What lags by more has stood still meanwhile, and what leaps by more has begun anew.
    private const long MostLagNs = 200_000_000;
    private const long MostLeapNs = 10_000_000_000;

    private readonly Dictionary<(MediaPath Path, Ssrc Ssrc), (RtpTimestamp Timestamp, long TimeNs)> _senders = [];
    private long? _nowNs;

    /// <inheritdoc/>
    public bool IsLive => inner.IsLive;

    /// <inheritdoc/>
    public SourceFigures Figures => inner.Figures;

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        var status = inner.TryRead(out packet);
        if (status == SourceStatus.Packet)
            packet = new CapturedPacket(packet.Link, TimeOf(packet), packet.Frame, packet.Length);
        return status;
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private long TimeOf(in CapturedPacket packet)
    {
        long nowNs = _nowNs ?? packet.TimeNs;
        if (G711Steps.TryRead(packet, out var path, out var rtp))
            nowNs = Math.Max(nowNs, TimeOf((path, rtp.Ssrc), rtp.Timestamp, nowNs));
        _nowNs = nowNs;
        return nowNs;
    }

    private long TimeOf((MediaPath Path, Ssrc Ssrc) sender, RtpTimestamp timestamp, long nowNs)
    {
        long timeNs = nowNs;
        if (_senders.TryGetValue(sender, out var known))
        {
            timeNs = known.TimeNs + (timestamp - known.Timestamp) * MediaClock.NanosecondsPerSample;
            if (timeNs < nowNs - MostLagNs || timeNs > nowNs + MostLeapNs)
                timeNs = nowNs;
        }
        else if (_senders.Count == MostSenders)
        {
            _senders.Clear();
        }

        _senders[sender] = (timestamp, timeNs);
        return timeNs;
    }
}
