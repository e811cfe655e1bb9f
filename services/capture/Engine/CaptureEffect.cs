using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;

namespace CallMirror.Capture.Engine;

/// <summary>Something that capture has decided and somebody else carries out; exactly one of its parts is there.</summary>
public readonly record struct CaptureEffect
{
    /// <summary>A SIP message to send to sip-tracker; of a file, nothing more is read until the answer is applied.</summary>
    public SipMessageCaptured? Sip { get; private init; }

    /// <summary>Media to tell sip-tracker of, in one order with <see cref="Sip"/>, and answered like it.</summary>
    public MediaFound? Found { get; private init; }

    /// <summary>That the media of a call runs, in one order with <see cref="Sip"/>.</summary>
    public MediaRunning? Running { get; private init; }

    /// <summary>The call of <see cref="Batch"/>.</summary>
    public string? CallId { get; private init; }

    /// <summary>An RTP batch to publish; whoever takes the effect owns it.</summary>
    public MediaBuffer? Batch { get; private init; }

    /// <summary>What was measured of a stream that has ended.</summary>
    public StreamQuality? Quality { get; private init; }

    /// <summary>The epoch of the call of <see cref="Quality"/> or <see cref="Ended"/>, in nanoseconds since the Unix epoch.</summary>
    public long EpochNs { get; private init; }

    /// <summary>Arrival of the first packet of the stream of <see cref="Quality"/>, in nanoseconds since the Unix epoch.</summary>
    public long FirstPacketNs { get; private init; }

    /// <summary>A call that had been found by its media has fallen silent: nobody else could say that it is over.</summary>
    public CallEnded? Ended { get; private init; }

    /// <summary>What was captured of a call, once it is over: the last effect of each call.</summary>
    internal CallFigures? Figures { get; private init; }

    internal static CaptureEffect Of(SipMessageCaptured sip) => new() { Sip = sip };

    internal static CaptureEffect Of(MediaFound found) => new() { Found = found };

    internal static CaptureEffect Of(MediaRunning running) => new() { Running = running };

    internal static CaptureEffect Of(string callId, MediaBuffer batch) => new() { CallId = callId, Batch = batch };

    internal static CaptureEffect Of(StreamQuality quality, long epochNs, long firstPacketNs) =>
        new() { Quality = quality, EpochNs = epochNs, FirstPacketNs = firstPacketNs };

    internal static CaptureEffect Of(CallEnded ended, long epochNs) => new() { Ended = ended, EpochNs = epochNs };

    internal static CaptureEffect Of(CallFigures figures) => new() { Figures = figures };
}
