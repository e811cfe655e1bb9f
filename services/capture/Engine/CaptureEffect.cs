using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;

namespace CallMirror.Capture.Engine;

/// <summary>Something that capture has decided and somebody else carries out; exactly one of its parts is there.</summary>
public readonly record struct CaptureEffect
{
    private CaptureEffect(SipMessageCaptured? sip, string? callId, MediaBuffer? batch, StreamQuality? quality) =>
        (Sip, CallId, Batch, Quality) = (sip, callId, batch, quality);

    /// <summary>A SIP message to send to sip-tracker; with <see cref="SipMessageCaptured.AnswerRequested"/> nothing more is read until the answer is applied.</summary>
    public SipMessageCaptured? Sip { get; }

    /// <summary>The call of <see cref="Batch"/>.</summary>
    public string? CallId { get; }

    /// <summary>An RTP batch to publish; whoever takes the effect owns it.</summary>
    public MediaBuffer? Batch { get; }

    /// <summary>What was measured of a stream that has ended.</summary>
    public StreamQuality? Quality { get; }

    internal static CaptureEffect Of(SipMessageCaptured sip) => new(sip, null, null, null);

    internal static CaptureEffect Of(string callId, MediaBuffer batch) => new(null, callId, batch, null);

    internal static CaptureEffect Of(StreamQuality quality) => new(null, null, null, quality);
}
