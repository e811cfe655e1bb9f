using System.Text;
using CallMirror.Contracts.Sip;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>Control messages of a usual size.</summary>
internal static class Messages
{
    private static readonly byte[] Invite = Encoding.ASCII.GetBytes($"INVITE sip:1000@pbx SIP/2.0\r\n{new string('x', 1200)}");

    public static SipMessageCaptured Captured(string callId, long sequence) => new()
    {
        CaptureId = "capture",
        Sequence = sequence,
        CallId = callId,
        CapturedAt = DateTimeOffset.UnixEpoch,
        Source = "192.0.2.1:5060",
        Destination = "192.0.2.2:5060",
        Transport = "udp",
        Payload = Invite,
        AnswerRequested = true,
    };

    public static SipMessageHandled Handled(SipMessageCaptured message) =>
        new() { CaptureId = message.CaptureId, Sequence = message.Sequence, CallId = message.CallId };
}
