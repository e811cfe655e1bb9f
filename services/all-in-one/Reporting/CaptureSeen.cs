using CallMirror.Capture;
using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;

namespace CallMirror.AllInOne.Reporting;

/// <summary>What a capture held, as far as it says why there is no audio.</summary>
internal sealed record CaptureSeen
{
    /// <summary>Nothing was read.</summary>
    public static CaptureSeen Nothing { get; } = new();

    /// <summary>Packets read, which a filter has let through.</summary>
    public long Packets { get; init; }

    /// <summary>Whole RTP packets, of calls or not.</summary>
    public long Rtp { get; init; }

    /// <summary>TCP segments.</summary>
    public long Tcp { get; init; }

    /// <summary>The link type of frames that can't be read because of it.</summary>
    public LinkType? UnreadLink { get; init; }

    /// <summary>Whole SIP messages.</summary>
    public long Sip { get; init; }

    /// <summary>RTP packets that the snapshot length has cut short.</summary>
    public long CutRtp { get; init; }

    /// <summary>SIP messages that it has cut short.</summary>
    public long CutSip { get; init; }

    /// <summary>The payload types of the whole RTP packets.</summary>
    public IReadOnlyList<(int Type, long Count)> PayloadTypes { get; init; } = [];

    /// <summary>What capture has counted; null where it has not begun.</summary>
    public static CaptureSeen Of(CaptureCounters? counters, SourceFigures figures) => counters is null
        ? Nothing
        : new CaptureSeen
        {
            Packets = figures.Packets,
            Rtp = counters.Of(CapturedKind.Rtp),
            Tcp = counters.Of(CapturedKind.Tcp),
            UnreadLink = counters.UnreadLink,
            Sip = counters.Sip,
            CutRtp = counters.CutRtp,
            CutSip = counters.CutSip,
            PayloadTypes = [.. counters.PayloadTypes()],
        };
}
