using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Calls;

/// <summary>
/// Senders of calls that have ended. One that has missed the BYE goes on sending, to a port that soon is another call's: while it does without a pause, it is
/// none of that call (RFC 3261 §15.1.1). It is known by its SSRC and by where it sends to: NAT may give it another port. After a pause it is a sender like any other.
/// </summary>
internal sealed class EndedSources
{
    private const long PauseNs = 2_000_000_000;
    private const int SweepAbove = 4096;

    private readonly Dictionary<(TransportAddress Receiver, uint Ssrc), long> _lastNs = [];
    private readonly List<(TransportAddress, uint)> _gone = [];
    private int _sweepAt = SweepAbove;

    /// <summary>A call has ended, and these have sent its media, the last of it at a time.</summary>
    public void Add(IEnumerable<(TransportAddress Receiver, uint Ssrc)> sources, long lastMediaNs)
    {
        foreach (var source in sources)
            _lastNs[source] = lastMediaNs;
        if (_lastNs.Count > _sweepAt)
            Sweep(lastMediaNs);
    }

    /// <summary>Whether an RTP packet is of a sender that goes on though its call has ended.</summary>
    public bool GoesOn(TransportAddress receiver, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (_lastNs.Count == 0 || !RtpFields.TryRead(payload, out _, out uint ssrc))
            return false;
        var source = (receiver, ssrc);
        if (!_lastNs.TryGetValue(source, out long lastNs))
            return false;
        if (timeNs - lastNs > PauseNs)
        {
            _lastNs.Remove(source);
            return false;
        }

        _lastNs[source] = Math.Max(lastNs, timeNs);
        return true;
    }

    private void Sweep(long nowNs)
    {
        foreach (var (source, lastNs) in _lastNs)
            if (nowNs - lastNs > PauseNs)
                _gone.Add(source);
        foreach (var source in _gone)
            _lastNs.Remove(source);
        _gone.Clear();
        _sweepAt = Math.Max(SweepAbove, 2 * _lastNs.Count);
    }
}
