using System.Globalization;
using System.Text;
using CallMirror.Scripts.Tests.Scripts;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>What a message says of its dialog and transaction.</summary>
internal sealed record SipLine(string CallId, string? FromTag, string? ToTag, int CSeq, string Method, string Branch)
{
    /// <summary>The From and To of the call, as the one who sends the request names them.</summary>
    public string From { get; init; } = "sip:1001@198.51.100.10";

    public string To { get; init; } = "sip:2002@192.0.2.1";

    public string Headers { get; init; } = "";

    /// <summary>Transport and sender of the Via.</summary>
    public string SentBy { get; init; } = "UDP 198.51.100.10:5060";
}

/// <summary>Writes SIP messages and descriptions.</summary>
internal static class SipText
{
    public static byte[] Request(SipLine line, string? sdp = null) => Write($"{line.Method} sip:2002@192.0.2.1 SIP/2.0", line, sdp);

    public static byte[] Response(SipLine line, int status, string? sdp = null) => Write($"SIP/2.0 {status} Whatever", line, sdp);

    /// <summary>A-law and telephone events at the party's announced address.</summary>
    public static string Sdp(PartyPlan party, string direction = "sendrecv", int version = 1) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        v=0
        o=- 1 {version} IN {Family(party)} {party.AnnouncedHost}
        s=-
        c=IN {Family(party)} {party.AnnouncedHost}
        t=0 0
        m=audio {party.AnnouncedPort} RTP/AVP 8 101
        a=rtpmap:8 PCMA/8000
        a=rtpmap:101 telephone-event/8000
        a={direction}

        """).ReplaceLineEndings("\r\n");

    private static byte[] Write(string start, SipLine line, string? sdp)
    {
        var text = new StringBuilder(start).Append("\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Via: SIP/2.0/{line.SentBy};branch=z9hG4bK-{line.Branch}\r\nMax-Forwards: 70\r\n");
        text.Append(CultureInfo.InvariantCulture, $"From: <{line.From}>{Tag(line.FromTag)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"To: <{line.To}>{Tag(line.ToTag)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Call-ID: {line.CallId}\r\nCSeq: {line.CSeq} {line.Method}\r\n{line.Headers}");
        if (sdp is not null)
            text.Append("Content-Type: application/sdp\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Content-Length: {sdp?.Length ?? 0}\r\n\r\n{sdp}");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static string Family(PartyPlan party) => party.AnnouncedHost.Contains(':') ? "IP6" : "IP4";

    private static string Tag(string? tag) => tag is null ? "" : $";tag={tag}";
}
