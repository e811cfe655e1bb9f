using System.Text;
using CallMirror.Protocols.Sip;

namespace CallMirror.Protocols.Tests.Sip;

/// <summary>Messages out of the text of a test.</summary>
internal static class Parsed
{
    /// <summary>The bytes of a text whose line ends become CRLF.</summary>
    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    internal static SipMessage Message(byte[] data)
    {
        Assert.True(SipMessage.TryParse(data, out SipMessage? message, out SipError error), $"{error}: {Encoding.UTF8.GetString(data)}");
        return message;
    }

    /// <summary>An INVITE with these headers beside Call-ID and CSeq.</summary>
    internal static SipMessage Invite(string headers, string body = "") =>
        Message(Bytes($"INVITE sip:bob@example.com SIP/2.0\nCall-ID: a@b\nCSeq: 1 INVITE\n{headers}\n\n{body}"));

    internal static SipError Refusal(string text) => Refusal(Bytes(text));

    internal static SipError Refusal(byte[] data)
    {
        Assert.False(SipMessage.TryParse(data, out SipMessage? message, out SipError error));
        Assert.Null(message);
        return error;
    }

    internal static string? Sdp(SipMessage message) =>
        message.TryGetSdp(out ReadOnlyMemory<byte> sdp) ? Encoding.UTF8.GetString(sdp.Span) : null;
}
