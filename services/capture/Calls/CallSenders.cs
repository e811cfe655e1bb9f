using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Calls;

/// <summary>What has sent a call's media, and where to. A part of its call, not to be copied: each packet finds it there.</summary>
internal struct CallSenders()
{
    // A phone changes its SSRC now and then; who does with each packet gets no room for it.
    private const int MaxSenders = 64;

    private readonly HashSet<(TransportAddress Receiver, uint Ssrc)> _all = [];
    private PerRole<uint?> _last;

    /// <summary>All of them.</summary>
    public readonly IReadOnlyCollection<(TransportAddress Receiver, uint Ssrc)> All => _all;

    /// <summary>The next packet comes on another path: its sender sends elsewhere, or is another.</summary>
    public void PathChanges() => _last[0] = _last[1] = null;

    /// <summary>A packet of a role has come.</summary>
    public void Note(int role, TransportAddress receiver, uint ssrc)
    {
        if (ssrc == _last[role] || _all.Count >= MaxSenders)
            return;
        _last[role] = ssrc;
        _all.Add((receiver, ssrc));
    }

    /// <summary>Whether an RTP packet is of one of them; where there were more than are known, any may be.</summary>
    public readonly bool Has(TransportAddress receiver, ReadOnlySpan<byte> rtp) =>
        _all.Count >= MaxSenders
        || (RtpFields.TryRead(rtp, out _, out uint ssrc) && _all.Contains((receiver, ssrc)));
}
